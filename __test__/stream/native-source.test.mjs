// The source of streams that Rust feeds, with native functions that fail.

import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { expectNoHandles } from '../support/handles.mjs';
import { nativeSourceWith } from '../support/scripted-streams.mjs';

/** Milliseconds; with these, a stream parks without a rest for the event loop. */
const LONG_TIME_SLICE = 60_000;

const opened = [];

/** Makes a stream, which is left after its test: some runtimes run all files in one process, and list it there. */
function create(source, ...parts) {
  const stream = source.create(...parts);
  opened.push(stream);
  return stream;
}

afterEach(() => Promise.all(opened.splice(0).map((stream) => stream.return())));

expectNoHandles();

test('a batch that cannot cross fails its stream, and no other', async () => {
  const broken = new RangeError('Invalid string length');
  const cancelled = [];
  const slab = new Float64Array(16);
  const source = nativeSourceWith(slab, {
    drain(handle) {
      if (handle === 'broken') throw broken;
      slab[15] = 1;
      return undefined;
    },
    cancel: (handle) => cancelled.push(handle),
    start() {},
    stats() {},
    shrink: () => false,
  });
  const open = (handle, number) => create(source, handle, number, () => [handle], 5);
  const failing = open('broken', 0);
  await assert.rejects(failing.next(), (reason) => reason === broken);
  assert.deepEqual(await failing.next(), { value: undefined, done: true });
  assert.deepEqual(cancelled, ['broken']);
  assert.deepEqual(await open('whole', 1).next(), { value: 'whole', done: false });
});

test('a wake for several streams serves those that follow one whose batch cannot cross', async () => {
  const slab = new Float64Array(16);
  let isReady = false;
  const source = nativeSourceWith(slab, {
    drain(handle) {
      slab[15] = isReady ? 1 : 0;
      if (isReady && handle === 0) throw new Error('broken');
    },
    cancel() {},
    start() {},
    stats() {},
    shrink: () => false,
  });
  const calls = [0, 1, 2].map((number) => create(source, number, number, () => [number], 5).next());
  isReady = true;
  source.wake(3, Float64Array.of(0, 1, 2));
  await assert.rejects(calls[0], { message: 'broken' });
  assert.deepEqual(
    (await Promise.all(calls.slice(1))).map(({ value }) => value),
    [1, 2],
  );
});

/** A stream whose decoder calls return() for each batch of one item, with what the source has told Rust. */
function leavingStream(timeSlice) {
  const slab = new Float64Array(16);
  const fed = { isReady: false, left: undefined, unread: [] };
  const source = nativeSourceWith(slab, {
    drain() {
      slab[15] = fed.isReady ? 1 : 0;
    },
    cancel: (_, items) => fed.unread.push(items),
    start() {},
    stats: () => slab.fill(0),
    shrink: () => false,
  });
  const leave = () => {
    fed.left = fed.stream.return('left');
    return ['item'];
  };
  fed.stream = create(source, 'handle', 0, leave, timeSlice);
  fed.wake = () => {
    fed.isReady = true;
    source.wake(1, 0);
  };
  return fed;
}

const hasLeft = async (fed, pending) => {
  assert.deepEqual(await pending, { value: undefined, done: true });
  assert.deepEqual(await fed.left, { value: 'left', done: true });
  assert.deepEqual(await fed.stream.next(), { value: undefined, done: true });
  assert.deepEqual(fed.unread, [0, 1]);
};

test('the items of a batch whose decoder throws count as unread', async () => {
  const slab = new Float64Array(16);
  const unread = [];
  const source = nativeSourceWith(slab, {
    drain() {
      slab[15] = 3;
    },
    cancel: (_, items) => unread.push(items),
    start() {},
    stats() {},
    shrink: () => false,
  });
  const broken = new Error('broken');
  const decode = () => {
    throw broken;
  };
  const stream = create(source, 'handle', 0, decode, LONG_TIME_SLICE);
  await assert.rejects(stream.next(), (reason) => reason === broken);
  assert.deepEqual(await stream.next(), { value: undefined, done: true });
  assert.deepEqual(unread, [3]);
});

describe('an item whose decoder leaves the stream counts as unread', () => {
  test('when a wake brings it', async () => {
    const fed = leavingStream(LONG_TIME_SLICE);
    const pending = fed.stream.next();
    fed.wake();
    await hasLeft(fed, pending);
  });

  test('when next() drains it', async () => {
    const fed = leavingStream(LONG_TIME_SLICE);
    fed.isReady = true;
    await hasLeft(fed, fed.stream.next());
  });

  test('when the stream drains it after a rest', async () => {
    // The first call of an environment begins a time slice, and the second finds it over.
    leavingStream(0).stream.next();
    const fed = leavingStream(0);
    fed.isReady = true;
    const pending = fed.stream.next();
    assert.equal(fed.left, undefined);
    await hasLeft(fed, pending);
  });
});
