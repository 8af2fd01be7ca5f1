// Streams under a test's control, each with the same handle:
//
//   {stream, push(item), close(), fail(reason), flush()}
//
// where flush() resolves once all items that can be delivered have been.

import { readFileSync } from 'node:fs';
import { runInThisContext } from 'node:vm';
import { addon } from './addon.mjs';

const scripts = new URL('../../crates/async-iterable-bridge/src/js/scripts/', import.meta.url);
const evaluate = (name) => runInThisContext(readFileSync(new URL(name, scripts), 'utf8'));

const iterator = evaluate('iterator.js')(
  evaluate('observers.js')(),
  evaluate('stack-reserve.js')(),
  evaluate('batches.js'),
);

/** Returns the source that `native-source.js` makes of these native functions and this slab. It lists this thread's streams. */
export function nativeSourceWith(slab, native) {
  native.listsOtherThreads ??= () => false;
  return evaluate('native-source.js')(iterator, native, slab);
}

/** The time that another thread may take on a busy machine. */
const TIME_LIMIT_MILLISECONDS = 30_000;

/** The number of turns of a busy loop before it leaves time to other threads: Deno needs that. */
const BUSY_TURNS = 1000;

export const turn = () => new Promise((resolve) => setImmediate(resolve));

const pause = () => new Promise((resolve) => setTimeout(resolve, 1));

/** Waits for a condition, turn by turn of the event loop. */
export async function until(condition, what = condition.toString()) {
  const deadline = performance.now() + TIME_LIMIT_MILLISECONDS;
  for (let turns = 0; performance.now() < deadline; turns++) {
    if (condition()) return;
    await (turns < BUSY_TURNS ? turn() : pause());
  }
  throw new Error(`Waited in vain for ${what}`);
}

/**
 * Returns the iterator over a source written in JavaScript, which wakes at once.
 *
 * @param {{timeSlice?: number, mostAtOnce?: number, cleanup?: () => Promise<void>}} [options] - `mostAtOnce` is the
 *   most items of one drain.
 */
export function scriptedStream({ timeSlice = 5, mostAtOnce = Infinity, cleanup } = {}) {
  let items = [];
  let end;
  let parked;
  let wasCancelled = false;
  const source = {
    drains: 0,
    drain(stream) {
      source.drains++;
      if (items.length > 0) {
        return items.splice(0, mostAtOnce);
      }
      if (end === undefined) {
        parked = stream;
        return iterator.PARKED;
      }
      const outcome = end;
      end = iterator.CLOSED;
      return outcome;
    },
    cancel(unread) {
      wasCancelled = true;
      source.unread = unread;
      parked = undefined;
      end = iterator.CLOSED;
      items = [];
      return cleanup?.();
    },
    stats: () => ({ state: wasCancelled ? 'cancelled' : 'open' }),
  };
  const wake = () => {
    if (parked === undefined) return;
    const stream = parked;
    parked = undefined;
    iterator.wake(stream);
  };
  const finish = (outcome) => {
    if (end !== undefined) return;
    end = outcome;
    wake();
  };
  return {
    source,
    stream: iterator.open(source, timeSlice),
    abortOn: iterator.abortOn,
    push(...pushed) {
      if (end !== undefined) return;
      items.push(...pushed);
      wake();
    },
    close: () => finish(iterator.CLOSED),
    fail: (reason) => finish(new iterator.Failure(reason)),
    get wasCancelled() {
      return wasCancelled;
    },
    flush: async () => {},
  };
}

/** Returns the iterator over Rust's queue, which wakes through the threadsafe function. Takes only strings. */
export function rustStream(options) {
  const fed = new addon.Fed(options);
  const stream = fed.stream();
  return {
    fed,
    stream,
    push(...items) {
      for (const item of items) fed.push(item);
    },
    close: () => fed.close(),
    fail: (reason) => fed.fail(reason, 'ERR_TEST'),
    get wasCancelled() {
      return stream.stats.state === 'cancelled';
    },
  };
}
