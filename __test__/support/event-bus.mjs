// Event buses over channels, the handlers on them, and the workers that have another bus of the same name.

import { randomUUID } from 'node:crypto';
import {
  AsyncIterableBridgeCaller,
  AsyncIterableBridgeHandler,
  createEventBus,
  IteratorEventType,
} from '../../index.mjs';
import { collect } from './buses.mjs';
import { turn, until } from './scripted-streams.mjs';
import { startWorker as startRole } from './workers.mjs';

/** The functions that close the buses and workers of a test. */
const opened = [];

/** Ends the workers and closes the buses that a test has opened. */
export const closeAll = () => Promise.all(opened.splice(0).map((close) => close()));

/** Returns a name that no other test has. */
export const newName = () => `test ${randomUUID()}`;

export function newBus(name) {
  const bus = createEventBus(name);
  opened.push(() => bus.close());
  return bus;
}

export const newCaller = (name, options) => new AsyncIterableBridgeCaller(newBus(name), options);

/** Returns the counts of answers as the handler sees them, all zero. */
const nothingSeen = () => ({ begun: 0, produced: 0, left: 0 });

const answers = {
  async *count({ to, label }) {
    for (let number = 0; number < to; number++) {
      if (number % 3 === 0) await turn();
      yield { label, number };
    }
  },
  /** Yields items until the consumer leaves. */
  async *flood(_args, seen) {
    try {
      for (;;) yield seen.produced++;
    } finally {
      seen.left++;
    }
  },
  /** Answers with one item, and then with none. */
  silence(_args, seen) {
    let hasAnswered = false;
    return {
      [Symbol.asyncIterator]: () => ({
        next() {
          if (hasAnswered) return new Promise(() => {});
          hasAnswered = true;
          return Promise.resolve({ value: 'only', done: false });
        },
        async return() {
          seen.left++;
          return { value: undefined, done: true };
        },
      }),
    };
  },
  async *fail() {
    yield 'before';
    class OddError extends TypeError {}
    const cause = Object.assign(new RangeError('below'), { code: 'ERR_BELOW' });
    const reason = new OddError('above', { cause });
    throw Object.assign(reason, { code: 'ERR_ODD', details: { list: [1, 2n] } });
  },
  async *uncloneable(_args, seen) {
    try {
      yield 'before';
      yield () => {};
    } finally {
      seen.left++;
    }
  },
  async *exit({ code }) {
    yield 'before';
    await turn();
    process.exit(code);
  },
  exitAtOnce: ({ code }) => process.exit(code),
  async *crash() {
    yield 'before';
    setImmediate(() => {
      throw new Error('the handler crashes');
    });
    await new Promise(() => {});
  },
};

/**
 * Answers requests as they ask: `{ how, ...args }`, with `how` one of the above, or `observe` for the counts.
 *
 * @returns {{ bus: object, handler: AsyncIterableBridgeHandler, seen: object }}
 */
export function serve(name) {
  const bus = newBus(name);
  const seen = nothingSeen();
  const handler = new AsyncIterableBridgeHandler(bus, ({ how, ...args }) => {
    if (how === 'observe') return [{ ...seen, iterating: handler.iteratingCount - 1 }];
    seen.begun++;
    return answers[how](args, seen);
  });
  return { bus, handler, seen };
}

/** Waits until the counts of a handler in another thread are as expected, and returns them. */
export async function untilSeen(caller, isAsExpected) {
  let seen;
  let isAsking = false;
  await until(() => {
    if (seen !== undefined && isAsExpected(seen)) return true;
    if (!isAsking) ask();
    return false;
  }, isAsExpected.toString());
  return seen;

  async function ask() {
    isAsking = true;
    [seen] = await collect(caller.getAsyncIterable({ how: 'observe' }));
    isAsking = false;
  }
}

/**
 * Waits until no handler has the requests of a name: `terminate()` of Deno does not wait for its thread. Requests
 * that wait for a handler end.
 */
export async function untilFree(name) {
  const bus = newBus(name);
  await until(() => {
    try {
      bus.onRequest(({ id }) => bus.emitResponse({ type: IteratorEventType.done, id }));
      return true;
    } catch (error) {
      if (error.code !== 'ERR_EVENT_BUS_IN_USE') throw error;
      return false;
    }
  }, 'the end of the handler');
  bus.close();
}

/**
 * Starts a worker that has a role of programs/event-bus-worker.mjs. `begun` resolves with the first message of the
 * role, which it sends when its bus is ready.
 */
export function launchWorker(role, given) {
  const launched = startRole(role, given, 'event-bus-worker');
  opened.push(() => launched.worker.terminate());
  return { ...launched, begun: launched.message() };
}

/** Starts a worker, and waits until its role has begun. */
export async function startWorker(role, given) {
  const launched = launchWorker(role, given);
  await launched.begun;
  return launched;
}
