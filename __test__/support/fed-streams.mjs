// The kinds of streams that a test feeds item by item.

import { Channel, createAsyncIterable } from 'async-iterable-bridge';
import fc from 'fast-check';
import { addon } from './addon.mjs';
import { observe } from './observed.mjs';
import { oddValue } from './operations.mjs';
import { batchOfOne, ENDLESS, promptReference, referenceStream, wholeBatch } from './oracle.mjs';
import { scriptedStream, turn, until } from './scripted-streams.mjs';

const { abortOn } = addon.runtime();

const byBatches = (stream) => stream.batches();

function scripted(controller, { mostAtOnce, read = (stream) => stream } = {}) {
  const subject = scriptedStream({ timeSlice: ENDLESS, mostAtOnce });
  subject.abortOn(subject.stream, controller.signal);
  return {
    ...subject,
    stream: read(subject.stream),
    abort: (reason) => controller.abort(reason),
  };
}

function pushed(controller, read = (stream) => stream) {
  const { iterable, push, done, fail } = createAsyncIterable({
    timeSlice: ENDLESS,
    signal: controller.signal,
  });
  return {
    stream: read(iterable),
    push,
    close: done,
    fail,
    abort: (reason) => controller.abort(reason),
  };
}

function fedByRust({ Fed, given = (item) => item }, controller, read) {
  const fed = new Fed({ timeSlice: ENDLESS });
  const open = (signal) => {
    const stream = fed.stream();
    abortOn(stream, signal);
    return stream;
  };
  const observed = observe(controller, open, read);
  const hasArrived = () => {
    const { state, buffered } = observed.stats();
    return observed.isAnswered() || (state === 'open' && buffered === 0);
  };
  return {
    ...observed,
    push: (item) => fed.push(given(item)),
    close: () => fed.close(),
    fail: ({ message, code }) => fed.fail(message, code),
    flush: () => until(hasArrived, 'the delivery of what was pushed'),
  };
}

/** The size in bytes of a piece of memory in which small Buffers cross. A play needs far less than half of it. */
const PIECE = 64 * 1024;

/**
 * Ensures that a play's bytes fit into one piece of memory. A batch ends at the end of its piece, although more items
 * are buffered, and that depends on all earlier plays.
 */
async function makeRoomForBytes() {
  const fed = new addon.FedBytes();
  const stream = fed.stream();
  let start;
  do {
    fed.push(Buffer.alloc(PIECE / 8));
    start = (await stream.next()).value.byteOffset;
  } while (start > PIECE / 4);
  await stream.return();
}

function channelled(controller, read) {
  let sender;
  const open = (signal) => {
    const channel = new Channel({ timeSlice: ENDLESS, signal });
    sender = channel.sender();
    return channel.receiver();
  };
  const observed = observe(controller, open, read);
  const hasArrived = () => observed.isAnswered() || observed.stats().buffered === 0;
  return {
    ...observed,
    push: (item) => sender.push(item),
    close: () => sender.done(),
    fail: (reason) => sender.fail(reason),
    flush: async () => {
      // An item crosses at the end of its turn, and wakes the receiver in another.
      await turn();
      await until(hasArrived, 'the delivery of what was pushed');
    },
  };
}

/** Returns a thenable that settles `count` ticks after each call of `then()`. */
const thenable = (value, count, isRejected) => ({
  // biome-ignore lint/suspicious/noThenProperty: that is the point
  async then(resolve, reject) {
    for (let tick = 0; tick < count; tick++) await undefined;
    (isRejected ? reject : resolve)(value);
  },
});

function rejectedPromise(reason) {
  const promise = Promise.reject(reason);
  promise.catch(() => {});
  return promise;
}

const promises = fc.oneof(
  { weight: 4, arbitrary: oddValue },
  { weight: 4, arbitrary: oddValue.map((value) => Promise.resolve(value)) },
  { weight: 1, arbitrary: oddValue.map(rejectedPromise) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(oddValue, fc.nat({ max: 5 }), fc.nat({ max: 4 }))
      .map(([value, ticks, luck]) => thenable(value, ticks, luck === 0)),
  },
);

const strings = fc.oneof(fc.string(), fc.string({ unit: 'binary' }));

const numbers = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(0, -0, 0.5, Number.NaN, Infinity, -Infinity, 2 ** 31, -(2 ** 31), 2 ** 53),
);

const cloneable = fc.oneof(
  strings,
  numbers,
  fc.constantFrom(undefined, null, true, false, 0n, 2n ** 70n),
  fc.array(fc.integer(), { maxLength: 3 }),
);

const bytes = fc.uint8Array({ maxLength: 50 }).map((array) => Buffer.from(array));

const rows = strings.map((text) => {
  const bytes = Buffer.from(text);
  return { text: bytes.toString(), bytes, length: bytes.length };
});

const errors = fc
  .string()
  .map((message) => Object.assign(new Error(message), { code: 'ERR_TEST' }));

/**
 * @typedef {object} Kind
 * @property {string} name
 * @property {fc.Arbitrary<unknown>} items
 * @property {fc.Arbitrary<unknown>} reasons - The values that it can fail with.
 * @property {(controller: AbortController) => import('./oracle.mjs').Subject} open
 * @property {() => import('./oracle.mjs').Subject} reference
 * @property {() => Promise<void>} [prepare] - Prepares each play.
 * @property {boolean} [wakesAtOnce] - Whether a waiting consumer gets an item in the very tick of its push. If so,
 *   its ticks can be compared with the reference's.
 */

/** @type {Kind[]} */
export const FED_STREAMS = [
  {
    name: 'a scripted stream',
    items: oddValue,
    reasons: oddValue,
    open: (controller) => scripted(controller),
    reference: () => referenceStream(),
    wakesAtOnce: true,
  },
  {
    name: 'a scripted stream read by batches()',
    items: oddValue,
    reasons: oddValue,
    open: (controller) => scripted(controller, { mostAtOnce: 1, read: byBatches }),
    reference: () => referenceStream({ take: batchOfOne }),
    wakesAtOnce: true,
  },
  {
    name: 'a stream of createAsyncIterable()',
    items: oddValue,
    reasons: oddValue,
    open: (controller) => pushed(controller),
    reference: () => referenceStream(),
    wakesAtOnce: true,
  },
  {
    // A stream that is left does not wait for a promise; a generator would. So the play waits.
    name: 'a stream of createAsyncIterable() with items that are promises',
    items: promises,
    reasons: oddValue,
    open: (controller) => ({ ...pushed(controller), flush: turn }),
    reference: () => promptReference(),
  },
  {
    name: 'a stream of createAsyncIterable() read by batches()',
    items: oddValue,
    reasons: oddValue,
    open: (controller) => ({ ...pushed(controller, byBatches), flush: turn }),
    reference: () => promptReference({ take: wholeBatch }),
  },
  {
    name: 'a channel',
    items: cloneable,
    reasons: cloneable,
    open: (controller) => channelled(controller),
    reference: () => referenceStream(),
  },
  {
    name: 'a channel read by batches()',
    items: cloneable,
    reasons: cloneable,
    open: (controller) => channelled(controller, byBatches),
    reference: () => promptReference({ take: wholeBatch }),
  },
  ...[
    { what: 'strings', Fed: addon.Fed, items: strings },
    { what: 'numbers', Fed: addon.FedNumbers, items: numbers },
    { what: 'bytes', Fed: addon.FedBytes, items: bytes, prepare: makeRoomForBytes },
    {
      what: 'rows',
      Fed: addon.FedRows,
      items: rows,
      given: ({ text }) => text,
      prepare: makeRoomForBytes,
    },
  ].flatMap(({ what, items, prepare, ...feed }) => [
    {
      name: `a stream that Rust feeds with ${what}`,
      items,
      reasons: errors,
      open: (controller) => fedByRust(feed, controller),
      reference: () => referenceStream(),
    },
    {
      name: `a stream that Rust feeds with ${what} read by batches()`,
      items,
      reasons: errors,
      prepare,
      open: (controller) => fedByRust(feed, controller, byBatches),
      reference: () => promptReference({ take: wholeBatch }),
    },
  ]),
];
