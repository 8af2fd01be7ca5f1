// One test for each row of the contract (docs/contract.md), on streams that Rust feeds.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AsyncIterableBridge, range } from '../../index.mjs';
import { addon } from '../support/addon.mjs';
import { expectNoHandles } from '../support/handles.mjs';
import { rustStream, scriptedStream, turn, until } from '../support/scripted-streams.mjs';

expectNoHandles();

const DONE = { value: undefined, done: true };
const item = (value) => ({ value, done: false });

/** Returns a stream with items in its queue, and the producer that has sent them. */
function filled(...items) {
  const rust = rustStream();
  rust.push(...items);
  return rust;
}

/** Blocks the event loop. */
function block(milliseconds, meanwhile = () => {}) {
  const start = performance.now();
  while (performance.now() - start < milliseconds) meanwhile();
}

/** Records in which order promises settle. */
function settlingOrder(promises) {
  const order = [];
  for (const [index, promise] of promises.entries()) {
    const settle = () => order.push(index);
    promise.then(settle, settle);
  }
  return order;
}

test('several next() calls that are not awaited all settle, in call order', async () => {
  const { stream, push, close } = rustStream();
  const calls = Array.from({ length: 5 }, () => stream.next());
  const order = settlingOrder(calls);
  push('a', 'b');
  push('c');
  close();
  assert.deepEqual(await Promise.all(calls), [item('a'), item('b'), item('c'), DONE, DONE]);
  assert.deepEqual(order, [0, 1, 2, 3, 4]);
});

test('a next() that finds an item does not overtake one that waits', async () => {
  const { stream, push } = rustStream();
  const calls = [stream.next()];
  push('a', 'b');
  calls.push(stream.next());
  assert.deepEqual(await Promise.all(calls), [item('a'), item('b')]);
  await stream.return();
});

test('a next() that finds an item does not overtake a call that rests for the event loop', async () => {
  const { stream, push } = scriptedStream({ timeSlice: 0 });
  push('a', 'b', 'c', 'd');
  await turn();
  // The first reading of the clock begins a slice of length 0, so the second call yields to the event loop.
  const calls = [stream.next(), stream.batches().next(), stream.next()];
  const order = settlingOrder(calls);
  push('e');
  assert.deepEqual(await Promise.all(calls), [item('a'), item(['b', 'c', 'd']), item('e')]);
  assert.deepEqual(order, [0, 1, 2]);
});

test('ten thousand pending next() calls settle in order', async () => {
  const { stream, push, close } = scriptedStream();
  const calls = Array.from({ length: 10_000 }, () => stream.next());
  push(...calls.keys());
  close();
  const results = await Promise.all(calls);
  assert.deepEqual(
    results.map(({ value }) => value),
    [...calls.keys()],
  );
});

test('next() after the end is done, for ever, with the keys value and done', async () => {
  const stream = range(0, 1);
  assert.deepEqual(await stream.next(), item(0));
  for (let call = 0; call < 3; call++) {
    const result = await stream.next();
    assert.deepEqual(Object.keys(result), ['value', 'done']);
    assert.deepEqual(result, DONE);
  }
});

test('undefined, null, 0, an empty string, false and NaN pass through as items', async () => {
  const odd = [undefined, null, 0, '', false, Number.NaN];
  const { stream, push, close } = scriptedStream();
  push(...odd);
  close();
  const seen = [];
  for await (const value of stream) seen.push(value);
  assert.deepEqual(seen, odd);
});

test('a failure comes after the items that were buffered, once, and then the stream is done', async () => {
  const { stream, fail } = filled('a', 'b');
  fail('broken');
  assert.deepEqual(await stream.next(), item('a'));
  assert.deepEqual(await stream.next(), item('b'));
  await assert.rejects(stream.next(), { name: 'Error', message: 'broken', code: 'ERR_TEST' });
  assert.deepEqual(await stream.next(), DONE);
  assert.equal(stream.stats.state, 'failed');
});

test('a failure rejects the first pending next(), and the others are done', async () => {
  const { stream, fail } = rustStream();
  const calls = [stream.next(), stream.next(), stream.next()];
  fail('broken');
  await assert.rejects(calls[0], { message: 'broken' });
  assert.deepEqual(await Promise.all(calls.slice(1)), [DONE, DONE]);
});

test('a failure with a falsy reason rejects with exactly that value', async () => {
  for (const reason of [undefined, null, 0, '', false]) {
    const { stream, fail } = scriptedStream();
    fail(reason);
    const outcome = await stream.next().then(
      () => assert.fail('it must reject'),
      (rejected) => ({ rejected }),
    );
    assert.deepEqual(outcome, { rejected: reason });
  }
});

test('break drops the buffer and cancels the producer', async () => {
  const { stream, fed } = filled('a', 'b', 'c');
  for await (const value of stream) {
    assert.equal(value, 'a');
    break;
  }
  assert.equal(fed.push('d'), 'closed d');
  const { state, pushed, delivered, dropped, buffered } = stream.stats;
  assert.deepEqual(
    { state, pushed, delivered, dropped, buffered },
    { state: 'cancelled', pushed: 3, delivered: 1, dropped: 2, buffered: 0 },
  );
});

test('a throw in the body of the loop cancels the producer', async () => {
  const { stream, fed } = filled('a', 'b');
  await assert.rejects(
    async () => {
      for await (const value of stream) throw new Error(value);
    },
    { message: 'a' },
  );
  assert.ok(fed.isClosed());
});

test('break waits for the cleanup of the producer', async () => {
  let finish;
  const cleanup = new Promise((resolve) => {
    finish = resolve;
  });
  const { stream, push } = scriptedStream({ cleanup: () => cleanup });
  push('a');
  let left = false;
  const loop = (async () => {
    for await (const _ of stream) break;
    left = true;
  })();
  await turn();
  assert.equal(left, false);
  finish();
  await loop;
  assert.equal(left, true);
});

test('a cleanup that fails rejects return()', async () => {
  const { stream } = scriptedStream({ cleanup: () => Promise.reject(new Error('unclean')) });
  await assert.rejects(stream.return(), { message: 'unclean' });
  assert.deepEqual(await stream.next(), DONE);
});

test('return(value) resolves with the awaited value, and the stream is done', async () => {
  const { stream } = filled('a');
  assert.deepEqual(await stream.return(Promise.resolve('v')), { value: 'v', done: true });
  assert.deepEqual(await stream.next(), DONE);
  assert.deepEqual(await stream.return('again'), { value: 'again', done: true });
});

test('return() with a value that rejects rejects, and the stream is done', async () => {
  const { stream, fed } = filled('a');
  await assert.rejects(stream.return(Promise.reject(new Error('no'))), { message: 'no' });
  assert.deepEqual(await stream.next(), DONE);
  assert.ok(fed.isClosed());
});

test('return() before the first next() never starts the producer', async () => {
  const before = addon.counters().started;
  const stream = addon.spawned(10);
  assert.equal(stream.stats.state, 'idle');
  assert.deepEqual(await stream.return(), DONE);
  assert.deepEqual(await stream.next(), DONE);
  assert.equal(addon.counters().started, before);
});

test('return() settles pending next() calls with done at once, in order, then itself', async () => {
  const { stream, fed } = rustStream();
  const calls = [stream.next(), stream.next(), stream.return('v')];
  const order = settlingOrder(calls);
  assert.deepEqual(await Promise.all(calls), [DONE, DONE, { value: 'v', done: true }]);
  assert.deepEqual(order, [0, 1, 2]);
  assert.ok(fed.isClosed());
});

test('next() after a return() that still waits settles after it', async () => {
  const { stream } = rustStream();
  let resolve;
  const value = new Promise((resolver) => {
    resolve = resolver;
  });
  const calls = [stream.return(value), stream.next(), stream.return('second')];
  const order = settlingOrder(calls);
  await turn();
  assert.deepEqual(order, []);
  resolve('first');
  const results = await Promise.all(calls);
  assert.deepEqual(results, [
    { value: 'first', done: true },
    DONE,
    { value: 'second', done: true },
  ]);
  assert.deepEqual(order, [0, 1, 2]);
});

test('throw(error) cancels the producer, settles pending next() calls with done, and rejects', async () => {
  const { stream, fed } = rustStream();
  const pending = stream.next();
  const error = new Error('mine');
  await assert.rejects(stream.throw(error), (rejected) => rejected === error);
  assert.deepEqual(await pending, DONE);
  assert.deepEqual(await stream.next(), DONE);
  assert.ok(fed.isClosed());
  await assert.rejects(stream.throw(error), (rejected) => rejected === error);
});

test('a send after the end is refused, and hands the item back', async () => {
  const closed = rustStream();
  assert.equal(closed.fed.close(), true);
  assert.equal(closed.fed.close(), false);
  assert.equal(closed.fed.push('late'), 'closed late');
  const cancelled = rustStream();
  await cancelled.stream.return();
  assert.equal(cancelled.fed.push('late'), 'closed late');
});

test('a full queue refuses a send that cannot wait, and keeps its bounds', () => {
  const { fed, stream } = rustStream({ capacity: 2 });
  assert.deepEqual([fed.push('a'), fed.push('b'), fed.push('c')], ['sent', 'sent', 'full c']);
  assert.equal(stream.stats.buffered, 2);
  assert.equal(stream.stats.bufferedBytes, 2);
});

test('one item larger than maxBytes passes, alone', async () => {
  const { fed, stream } = rustStream({ maxBytes: 4 });
  const large = 'x'.repeat(100);
  assert.deepEqual([fed.push(large), fed.push('a')], ['sent', 'full a']);
  assert.deepEqual(await stream.next(), item(large));
  assert.deepEqual([fed.push('a'), fed.push('bcd'), fed.push('e')], ['sent', 'sent', 'full e']);
});

test('drop-oldest keeps the newest items, drop-newest the oldest, and both count what they drop', async () => {
  for (const [overflow, kept] of [
    ['drop-oldest', ['c', 'd']],
    ['drop-newest', ['a', 'b']],
  ]) {
    const rust = rustStream({ capacity: 2, overflow });
    rust.push('a', 'b', 'c', 'd');
    rust.close();
    const seen = [];
    for await (const value of rust.stream) seen.push(value);
    assert.deepEqual(seen, kept);
    assert.equal(rust.stream.stats.dropped, 2);
    assert.equal(rust.stream.stats.pushed, 4);
  }
});

test('[Symbol.asyncIterator]() returns the stream, which inherits from %AsyncIteratorPrototype%', () => {
  const stream = range(0, 1);
  const prototype = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}).prototype);
  assert.equal(stream[Symbol.asyncIterator](), stream);
  assert.ok(stream instanceof AsyncIterableBridge);
  assert.ok(Object.prototype.isPrototypeOf.call(prototype, stream));
  assert.ok(Object.prototype.isPrototypeOf.call(prototype, stream.batches()));
  assert.equal(Object.prototype.toString.call(stream), '[object AsyncIterableBridge]');
});

test('[Symbol.asyncDispose]() leaves the stream', async () => {
  const { stream, fed } = filled('a');
  assert.equal(await stream[Symbol.asyncDispose](), undefined);
  assert.ok(fed.isClosed());
  assert.deepEqual(await stream.next(), DONE);
});

test('methods called on a wrong this reject with a TypeError, and never throw', async () => {
  const stream = range(0, 1);
  const batches = stream.batches();
  const receivers = [undefined, null, 1, 'x', {}, [], Promise.resolve(), Object.create(stream)];
  for (const method of ['next', 'return', 'throw', Symbol.asyncDispose]) {
    for (const receiver of receivers) {
      for (const owner of [stream, batches]) {
        await assert.rejects(owner[method].call(receiver), TypeError);
      }
    }
  }
});

test('the class cannot be constructed', () => {
  for (const Class of [AsyncIterableBridge, range(0, 1).batches().constructor]) {
    assert.throws(() => new Class(), { name: 'TypeError', code: 'ERR_ILLEGAL_CONSTRUCTOR' });
  }
});

test('a buffered item arrives no later than Promise.resolve(item)', async () => {
  const stream = range(0, 100, { timeSlice: 60_000 });
  await stream.next();
  const order = [];
  const handled = [
    stream.next().then(() => order.push('stream')),
    Promise.resolve(1).then(() => order.push('promise')),
  ];
  await Promise.all(handled);
  assert.deepEqual(order, ['stream', 'promise']);
});

test('a producer faster than the consumer is held to the capacity, while the event loop is blocked too', async () => {
  const capacity = 16;
  const stream = addon.flood(2, { capacity });
  let most = 0;
  let seen = 0;
  for await (const _ of stream) {
    block(1, () => {
      most = Math.max(most, stream.stats.buffered);
    });
    if (++seen === 100) break;
  }
  assert.ok(most <= capacity, `${most} items were buffered`);
  assert.ok(stream.stats.pushed <= seen + 2 * capacity, `${stream.stats.pushed} were pushed`);
});

test('a consumer may change a batch that it was given', async () => {
  const stream = range(0, 3000, 1, { capacity: 64 });
  const seen = [];
  let rounds = 0;
  for await (const batch of stream.batches()) {
    seen.push(...batch);
    if (++rounds % 2 === 0) batch.push(-1, -2);
    else batch.length = 0;
    if (rounds === 3) break;
  }
  assert.deepEqual(seen, [...seen.keys()]);
  const { pushed, delivered, dropped } = stream.stats;
  assert.equal(delivered, seen.length);
  assert.equal(pushed, delivered + dropped);
});

test('ten thousand throw() calls behind a return() that waits all settle', async () => {
  const { stream } = scriptedStream();
  let resolve;
  const returned = stream.return(
    new Promise((settle) => {
      resolve = settle;
    }),
  );
  const reason = new Error('left');
  const thrown = Array.from({ length: 10_000 }, () => stream.throw(reason));
  resolve('value');
  assert.deepEqual(await returned, { value: 'value', done: true });
  for (const outcome of await Promise.allSettled(thrown)) assert.equal(outcome.reason, reason);
});

/** The time after which a timer that should have fired twenty times counts as starved. */
const STARVED_MILLISECONDS = 20_000;

test('the event loop gets its turn while a saturating producer is consumed', async () => {
  const stream = range(0, 1e9);
  let fired = 0;
  const timer = setInterval(() => {
    fired++;
  }, 1);
  const deadline = performance.now() + STARVED_MILLISECONDS;
  for await (const _ of stream) {
    if (fired >= 20 || performance.now() > deadline) break;
  }
  clearInterval(timer);
  assert.ok(fired >= 20, `it had ${fired} turns`);
});

test('the event loop gets its turn although the body of the loop blocks for a while', async () => {
  const stream = range(0, 1e9);
  let longest = 0;
  let last = performance.now();
  let turns = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    turns++;
  }, 0);
  const deadline = performance.now() + STARVED_MILLISECONDS;
  for await (const _ of stream) {
    block(1);
    if (turns >= 20 || performance.now() > deadline) break;
  }
  assert.ok(turns >= 20, `it had ${turns} turns`);
  clearInterval(timer);
  // The slice is 5 ms, but the machine may be busy.
  assert.ok(longest < 500, `the loop was held for ${longest} ms`);
});

test('a burst of a producer slower than the consumer wakes once', async () => {
  const rust = rustStream();
  const bursts = 20;
  for (let burst = 0; burst < bursts; burst++) {
    // With its slice used up, the stream would yield to the event loop and find the burst without a wake.
    await new Promise((resolve) => setImmediate(resolve));
    const first = rust.stream.next();
    rust.push('a', 'b', 'c');
    await first;
    await rust.stream.next();
    await rust.stream.next();
  }
  assert.equal(rust.stream.stats.wakes, bursts);
  await rust.stream.return();
});

test('a panic of the producer fails the stream after what it had sent', async () => {
  for (const [runner, message] of [
    ['thread', 'The producer panicked: as the test wanted'],
    ['task', 'The producer panicked: as the test wanted'],
    ['handle', "The producer's thread '<unnamed>' panicked"],
  ]) {
    const stream = addon.panicking(2, runner);
    assert.deepEqual(await stream.next(), item(0));
    assert.deepEqual(await stream.next(), item(1));
    await assert.rejects(stream.next(), { code: 'ERR_PRODUCER_PANICKED', message });
    assert.deepEqual(await stream.next(), DONE);
  }
});

test('a stream whose producers are all dropped ends normally', async () => {
  const { stream, fed } = filled('a');
  const seen = [];
  fed.dropProducer();
  for await (const value of stream) seen.push(value);
  assert.deepEqual(seen, ['a']);
  assert.equal(stream.stats.state, 'closed');
});

test('an aborted signal rejects the first next() with its reason, and the producer never starts', async () => {
  const reason = new Error('not today');
  for (const start of ['lazy', 'eager']) {
    const stream = range(0, 10, { signal: AbortSignal.abort(reason), start });
    await assert.rejects(stream.next(), (rejected) => rejected === reason);
    assert.deepEqual(await stream.next(), DONE);
    assert.equal(stream.stats.pushed, 0);
  }
});

test('a signal that aborts later rejects the pending next(), and cancels the producer', async () => {
  const { stream, abortOn, push, source } = scriptedStream();
  const controller = new AbortController();
  abortOn(stream, controller.signal);
  push('a', 'b');
  assert.deepEqual(await stream.next(), item('a'));
  assert.deepEqual(await stream.next(), item('b'));
  const calls = [stream.next(), stream.next()];
  controller.abort('enough');
  await assert.rejects(calls[0], (reason) => reason === 'enough');
  assert.deepEqual(await calls[1], DONE);
  assert.deepEqual(await stream.next(), DONE);
  assert.equal(source.unread, 0);
});

test('a signal that aborts between two next() calls drops the buffer and rejects the next one', async () => {
  const controller = new AbortController();
  const stream = range(0, 1e9, { signal: controller.signal });
  assert.deepEqual(await stream.next(), item(0));
  controller.abort();
  await assert.rejects(stream.next(), { name: 'AbortError' });
  assert.deepEqual(await stream.next(), DONE);
  assert.equal(stream.stats.state, 'cancelled');
});

test('a signal that aborts after the end changes nothing', async () => {
  const controller = new AbortController();
  const stream = range(0, 1, { signal: controller.signal });
  for await (const _ of stream);
  controller.abort();
  assert.deepEqual(await stream.next(), DONE);
  assert.equal(stream.stats.state, 'closed');
});

test('nothing starts before the first next(), unless the start is eager', async () => {
  const before = addon.counters().started;
  const lazy = addon.spawned(3);
  const eager = addon.spawned(3, { eager: true });
  await until(() => addon.counters().started === before + 1);
  await until(() => eager.stats.pushed === 3);
  assert.equal(lazy.stats.pushed, 0);
  for await (const _ of lazy);
  assert.equal(addon.counters().started, before + 2);
  await eager.return();
});

test('batches() gives what is left of the stream, a batch at a time', async () => {
  const stream = range(0, 5000);
  assert.deepEqual(await stream.next(), item(0));
  const seen = [];
  for await (const batch of stream.batches()) {
    assert.ok(Array.isArray(batch) && batch.length > 0);
    seen.push(...batch);
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 4999 }, (_, index) => index + 1),
  );
  assert.equal(stream.stats.delivered, 5000);
});

test('next() of a stream and of its batches settle in call order', async () => {
  const rust = rustStream();
  const batches = rust.stream.batches();
  const calls = [rust.stream.next(), batches.next(), rust.stream.next()];
  const order = settlingOrder(calls);
  rust.push('a', 'b', 'c');
  await until(() => order.length === 2);
  rust.push('d');
  assert.deepEqual(await Promise.all(calls), [item('a'), item(['b', 'c']), item('d')]);
  assert.deepEqual(order, [0, 1, 2]);
  assert.deepEqual(await batches.return('v'), { value: 'v', done: true });
  assert.deepEqual(await rust.stream.next(), DONE);
});

test('strings of every kind arrive as they were sent', async () => {
  const strings = [
    '',
    'plain',
    'grün',
    '中文',
    '👩‍🚀 astronaut',
    '\u0000',
    'x'.repeat(200_000),
    '\ufeffbom',
    '\n',
  ];
  const rust = filled(...strings, ...strings);
  rust.close();
  const seen = [];
  for await (const value of rust.stream) seen.push(value);
  assert.deepEqual(seen, [...strings, ...strings]);
});

test('a return() that waits is settled once, although a next() before it rested for the event loop', async () => {
  const { stream, push } = scriptedStream({ timeSlice: 0 });
  push(...Array(100).keys());
  // With a time slice of 0, one of these next() calls waits until the event loop has turned.
  const calls = Array.from({ length: 4 }, () => stream.next());
  let resolve;
  const value = new Promise((resolver) => {
    resolve = resolver;
  });
  calls.push(stream.return(value), stream.next(), stream.return('last'));
  for (let turns = 0; turns < 5; turns++) await turn();
  resolve('v');
  const results = await Promise.all(calls);
  assert.deepEqual(results.slice(-3), [
    { value: 'v', done: true },
    DONE,
    { value: 'last', done: true },
  ]);
});

test('batches() of a wrong this gives an iterator that rejects', async () => {
  const batches = AsyncIterableBridge.prototype.batches.call({});
  for (const method of ['next', 'return', 'throw', Symbol.asyncDispose]) {
    await assert.rejects(batches[method](), TypeError);
  }
});

test('a cancel that throws still settles whoever waits', async () => {
  const { stream } = scriptedStream({
    cleanup: () => {
      throw new Error('unclean');
    },
  });
  const pending = stream.next();
  await assert.rejects(stream.return(), { message: 'unclean' });
  assert.deepEqual(await pending, DONE);
});

test('clocks that a test has stopped do not stop a stream', async (context) => {
  const { setImmediate } = globalThis;
  context.after(() => {
    globalThis.setImmediate = setImmediate;
  });
  globalThis.setImmediate = () => {};
  let items = 0;
  for await (const _ of range(0, 1000, { timeSlice: 0 })) items++;
  assert.equal(items, 1000);
});

test('a producer that panics before its first wait fails the stream', async () => {
  await assert.rejects(addon.panickingAtOnce().next(), { code: 'ERR_PRODUCER_PANICKED' });
});

test('range() stops before its end, whatever the rounding', async () => {
  const collect = async (...args) => {
    const numbers = [];
    for await (const number of range(...args)) numbers.push(number);
    return numbers;
  };
  assert.deepEqual(await collect(1, 1.3, 0.1), [1, 1.1, 1.2]);
  assert.deepEqual(await collect(3, 0, -1), [3, 2, 1]);
  assert.deepEqual(await collect(0, -1), []);
  const { MAX_VALUE } = Number;
  assert.equal((await collect(0, MAX_VALUE, 1e307)).length, 18);
  assert.throws(() => range(-MAX_VALUE, MAX_VALUE, 1e307), { code: 'ERR_OUT_OF_RANGE' });
});
