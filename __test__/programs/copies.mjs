// Two copies of the package in one process: the tested one, and another in the folder that the argument names.

import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

const [role, folder] = process.argv.slice(2);
const require = createRequire(import.meta.url);

const warnings = [];
process.on('warning', ({ name, code, message }) => warnings.push({ name, code, message }));

const tell = (result) => process.stdout.write(JSON.stringify(result));
const codeAndMessage = ({ code, message }) => ({ code, message });
const turn = () => new Promise((resolve) => setTimeout(resolve, 1));

/** The most turns of the event loop to wait for a warning: Deno takes some turns to emit one. */
const MOST_TURNS = 1000;

async function untilWarned() {
  for (let turns = 0; warnings.length === 0 && turns < MOST_TURNS; turns++) await turn();
}

function failureOf(call) {
  try {
    return call();
  } catch (error) {
    return codeAndMessage(error);
  }
}

const roles = {
  /** Passes a handle to the other copy, in the same thread. */
  thread() {
    const [one, other] = [require('async-iterable-bridge'), require(folder)];
    const { handle } = new one.Channel();
    tell([failureOf(() => other.Channel.from(handle))]);
  },
  /** Passes a handle to a worker that has another copy and answers by its exit code. */
  async worker() {
    const { Channel } = require('async-iterable-bridge');
    const source = `
      const { parentPort, workerData } = require('node:worker_threads');
      const { Channel } = require(${JSON.stringify(folder)});
      try {
        Channel.from(workerData);
      } catch ({ code, message }) {
        parentPort.postMessage({ code, message });
      }`;
    const worker = new Worker(source, { eval: true, workerData: new Channel().handle });
    tell([await new Promise((resolve) => worker.once('message', resolve))]);
  },
  /** Sends a request that waits for a handler of another copy. */
  async request() {
    const [one, other] = [require('async-iterable-bridge'), require(folder)];
    const caller = new one.AsyncIterableBridgeCaller(one.createEventBus('shared'), { timeout: 20 });
    const stream = caller.getAsyncIterable({})[Symbol.asyncIterator]();
    const error = await stream.next().catch(codeAndMessage);
    // Another request does not warn again, and neither does the handler of the copy that has warned.
    await caller.getAsyncIterable({})[Symbol.asyncIterator]().next().catch(codeAndMessage);
    const bus = one.createEventBus('another');
    bus.onRequest(() => {});
    bus.close();
    const unused = other.createEventBus('unused');
    unused.close();
    await untilWarned();
    tell([error, ...warnings]);
  },
  /** Adds a handler after both copies have been loaded. */
  async handler() {
    require('async-iterable-bridge');
    const { createEventBus } = require(folder);
    const bus = createEventBus('shared');
    bus.onRequest(() => {});
    bus.close();
    await untilWarned();
    tell(warnings);
  },
  /** Loads one copy twice. */
  async alone() {
    const { AsyncIterableBridgeCaller, Channel, createEventBus } = require('async-iterable-bridge');
    const other = 'channel:00000000-0000-0000-0000-000000000000';
    const caller = new AsyncIterableBridgeCaller(createEventBus('shared'), { timeout: 1 });
    const stream = caller.getAsyncIterable({})[Symbol.asyncIterator]();
    const error = await stream.next().catch(codeAndMessage);
    await turn();
    tell([failureOf(() => Channel.from(other)), error, ...warnings]);
  },
};

await roles[role]();
