// Event buses over channels, what answers over them, and the workers that have another bus of the same name.

import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import {
  AsyncIterableBridgeCaller,
  AsyncIterableBridgeHandler,
  createEventBus,
} from '../../index.mjs';
import { collect } from './buses.mjs';

const program = new URL('../programs/event-bus-worker.mjs', import.meta.url);

/** What a test has opened, and how that goes away. */
const opened = [];

/** Ends the workers and closes the buses that a test has opened. */
export const closeAll = () => Promise.all(opened.splice(0).map((close) => close()));

/** A name that no other test has. */
export const newName = () => `test ${randomUUID()}`;

export function newBus(name) {
  const bus = createEventBus(name);
  opened.push(() => bus.close());
  return bus;
}

export const newCaller = (name, options) => new AsyncIterableBridgeCaller(newBus(name), options);

/** What is seen of answers from their side. */
const nothingSeen = () => ({ begun: 0, produced: 0, left: 0 });

const answers = {
  async *count({ to, label }) {
    for (let number = 0; number < to; number++) {
      if (number % 3 === 0) await turn();
      yield { label, number };
    }
  },
  /** Items for as long as somebody asks. */
  async *flood(_args, seen) {
    try {
      for (;;) yield seen.produced++;
    } finally {
      seen.left++;
    }
  },
  /** One item, and then none. */
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
  async *crash() {
    yield 'before';
    setImmediate(() => {
      throw new Error('the handler crashes');
    });
    await new Promise(() => {});
  },
};

/**
 * Answers requests as they tell: `{ how, ...args }`, with `how` one of the above, or `observe` for what was seen.
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

/** Waits until what the handler has seen is as it should be, and gives it. */
export async function untilSeen(caller, isAsExpected, what = isAsExpected.toString()) {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const [seen] = await collect(caller.getAsyncIterable({ how: 'observe' }));
    if (isAsExpected(seen)) return seen;
    if (performance.now() > deadline) {
      throw new Error(`Waited in vain for ${what}: ${JSON.stringify(seen)}`);
    }
    await turn();
  }
}

/**
 * Starts a worker that has a role of programs/event-bus-worker.mjs.
 *
 * @returns {Promise<{ worker: Worker, message(): Promise<unknown>, ended: Promise<object> }>} once the role
 *   has begun. `message()` gives the next one that has not been asked for.
 */
export async function startWorker(role, given) {
  const worker = new Worker(program, { workerData: { role, ...given } });
  opened.push(() => worker.terminate());
  const arrived = [];
  const awaited = [];
  let error;
  worker.on('message', (message) => {
    if (awaited.length > 0) awaited.shift().resolve(message);
    else arrived.push(message);
  });
  worker.on('error', (reason) => {
    error = reason;
  });
  const ended = new Promise((resolve) => {
    worker.once('exit', (code) => {
      for (const { reject } of awaited) reject(error ?? new Error(`The worker ${role} has ended`));
      resolve({ code, error });
    });
  });
  const message = () =>
    arrived.length > 0
      ? Promise.resolve(arrived.shift())
      : new Promise((resolve, reject) => awaited.push({ resolve, reject }));
  await message();
  return { worker, message, ended };
}
