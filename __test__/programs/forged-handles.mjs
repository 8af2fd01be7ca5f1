// Calls the native functions of the package with numbers that name nothing here and with values of every other kind.
// Prints the number of calls, the kinds of exceptions that are not an Error, and the state of the ends that were open
// meanwhile.

import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, threadId, Worker } from 'node:worker_threads';

const CALLS = Number(process.argv[2] ?? 400_000);

const require = createRequire(import.meta.url);
const native = require('../../lib/addon/native.js');
const { Channel } = require('../../index.js');

const options = { capacity: 8, maxBytes: 1024, timeSlice: 5, overflow: 'block', senders: 2 };
const bridgeOptions = { capacity: 8, maxBytes: 1024, timeSlice: 5, eager: false };

/** Opens both ends of a channel, without objects that could be collected. */
function openBoth() {
  const id = `channel:${randomUUID()}`;
  native.createChannel(id, options);
  return [native.openSender(id), native.openReceiver(id, threadId)];
}

/** Waits for the next message of a worker. */
function messageOf(worker) {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

/** Yields numbers that are the same in each run. */
function* randomNumbers() {
  let state = 1;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state;
  }
}

/** Returns an array whose first element is a getter that calls a function. */
function arrayGetting(get) {
  return Object.defineProperty([], 0, { get, enumerable: true });
}

function transfer(view) {
  structuredClone(view.buffer, { transfer: [view.buffer] });
}

/** Returns values for any argument, in addition to numbers that name nothing. */
function forgedValues(stale, foreign) {
  const head = () => new Uint8Array(64).fill(1);
  const detached = head();
  transfer(detached);
  return [
    () => -1,
    () => -0.5,
    () => Number.NaN,
    () => Number.POSITIVE_INFINITY,
    () => 2 ** 53,
    () => 2 ** 53 + 2,
    () => 2 ** 64,
    () => 1e300,
    ...stale.map((number) => () => number),
    ...foreign.map((number) => () => number),
    () => undefined,
    () => null,
    () => true,
    () => '7',
    () => 7n,
    () => Symbol('seven'),
    () => ({}),
    () => [],
    () => () => 7,
    () => new Proxy({}, {}),
    () => new Proxy([], {}),
    () => head(),
    () => detached,
    () => Buffer.alloc(16),
    () => Buffer.alloc(0),
    () => new Float64Array(3),
    () => new DataView(new ArrayBuffer(8)),
    () => new Uint8Array(new SharedArrayBuffer(8)),
    () => [new Uint8Array(4), 7],
    () => arrayGetting(() => transfer(head())),
    () =>
      arrayGetting(() => {
        throw new Error('a getter of the program');
      }),
    () => ({ ...bridgeOptions, timeSlice: Number.NaN }),
    () => ({ ...bridgeOptions, timeSlice: -1, capacity: -1 }),
    () => ({ ...bridgeOptions, maxBytes: 'many' }),
  ];
}

const TAKING_ENDS = [
  'reserveCapacity',
  'pushBatch',
  'countDropped',
  'closeSender',
  'failSender',
  'waitForCapacity',
  'sendState',
  'drainChannel',
  'hasArrived',
  'parkReceiver',
  'cancelChannel',
  'channelStats',
];
const OTHERS = [
  'openSender',
  'openReceiver',
  'failUnopened',
  'abortChannel',
  'findChannel',
  'range',
  'readLines',
  'walk',
];
const ARGUMENTS = 7;

/** Copies a head with arguments that transfer its memory away first. */
function transferWhileConverting() {
  const [sender, receiver] = openBoth();
  const head = new Uint8Array(new ArrayBuffer(64 * 1024));
  const chunks = arrayGetting(() => {
    transfer(head);
    return new Uint8Array(4);
  });
  native.pushBatch(sender, 0, 0, 1, head, ['text'], chunks);
  const path = new Uint8Array(new ArrayBuffer(64 * 1024)).fill(97);
  const lines = {
    maxLineBytes: 1024,
    get encoding() {
      transfer(path);
      return 'utf8';
    },
  };
  native.readLines(path, lines, bridgeOptions);
  native.cancelChannel(receiver, 0);
}

/** Drains with a setter that transfers away the scratch memory for the heads of batches. */
function transferWhileDraining() {
  const [sender, receiver] = openBoth();
  const head = new Uint8Array(16 * 1024);
  for (let batch = 0; batch < 3; batch++) native.pushBatch(sender, 0, 0, 1, head, [], []);
  const scratch = Buffer.from(new ArrayBuffer(64 * 1024));
  const places = ['2', '6', '10'];
  for (const place of places) {
    Object.defineProperty(Array.prototype, place, {
      get: () => undefined,
      set() {
        if (scratch.length > 0) transfer(scratch);
      },
      configurable: true,
    });
  }
  try {
    native.drainChannel(receiver, false, scratch);
  } finally {
    for (const place of places) delete Array.prototype[place];
  }
  native.cancelChannel(receiver, 0);
}

async function main() {
  const worker = new Worker(fileURLToPath(import.meta.url));
  const foreign = await messageOf(worker);
  const stale = openBoth();
  native.closeSender(stale[0]);
  native.cancelChannel(stale[1], 0);
  const channel = new Channel();
  const receiver = channel.receiver();
  const sender = channel.sender();
  sender.push('first');

  const values = forgedValues(stale, foreign);
  const names = [...TAKING_ENDS, ...TAKING_ENDS, ...TAKING_ENDS, ...OTHERS];
  const random = randomNumbers();
  const next = (below) => random.next().value % below;
  const odd = new Set();
  let thrown = 0;
  for (let call = 0; call < CALLS; call++) {
    const forged = [];
    for (let index = 0; index < ARGUMENTS; index++) {
      // Far above all numbers that are in use here.
      forged.push(next(3) === 0 ? 1e6 + next(1e9) : values[next(values.length)]());
    }
    const name = names[next(names.length)];
    // Every tenth call has valid other arguments.
    if (next(10) === 0 && TAKING_ENDS.includes(name))
      forged.splice(1, 6, 0, 0, 1, new Uint8Array(8), '', []);
    try {
      native[name](...forged);
    } catch (error) {
      thrown++;
      if (!(error instanceof Error)) odd.add(typeof error);
    }
  }
  transferWhileConverting();

  worker.postMessage('report');
  const [pushed, dropped] = await messageOf(worker);
  sender.push('last');
  sender.done();
  const items = [];
  for await (const item of receiver) items.push(item);
  await worker.terminate();
  // The last step, because Bun loses messages with arrays after it.
  transferWhileDraining();
  console.log(
    JSON.stringify({
      calls: CALLS,
      hasThrown: thrown > 0,
      odd: [...odd],
      foreign: [pushed, dropped],
      items,
    }),
  );
}

if (!isMainThread) {
  const ends = openBoth();
  parentPort.postMessage(ends);
  parentPort.once('message', () => {
    native.countDropped(ends[0], 1);
    parentPort.postMessage(native.channelStats(ends[1]));
  });
} else {
  await main();
}
