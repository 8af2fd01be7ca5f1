// The push pattern within one thread: its producers, its bounds and its ends. oracle.test.mjs checks that its
// iterator settles as a generator does.

import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { describe, it } from 'node:test';
import { createAsyncIterable } from 'async-iterable-bridge';
import { collectGarbage } from '../support/garbage.mjs';
import { turn, until } from '../support/scripted-streams.mjs';

const DONE = { value: undefined, done: true };

async function collect(iterable) {
  const items = [];
  for await (const item of iterable) items.push(item);
  return items;
}

/** Pushes all items, and returns the answers. */
const pushAll = ({ push }, ...items) => items.map((item) => push(item));

describe('push()', () => {
  it('gives every item to the consumer, before and after it waits', async () => {
    const { iterable, push, done } = createAsyncIterable();
    push('early');
    const collected = collect(iterable);
    await turn();
    push('late');
    push('last');
    done();
    assert.deepEqual(await collected, ['early', 'late', 'last']);
  });

  it('passes every falsy item on like any other', async () => {
    const falsy = [undefined, null, 0, '', false, Number.NaN, 0n];
    const pushed = createAsyncIterable();
    pushAll(pushed, ...falsy);
    pushed.done();
    assert.deepEqual(await collect(pushed.iterable), falsy);
  });

  it('says false when the buffer is full, and has taken the item all the same', async () => {
    const pushed = createAsyncIterable({ capacity: 2 });
    assert.deepEqual(pushAll(pushed, 'a', 'b', 'c'), [true, false, false]);
    pushed.done();
    assert.deepEqual(await collect(pushed.iterable), ['a', 'b', 'c']);
  });

  it('counts bytes of strings, buffers and typed arrays against maxBytes', () => {
    const { push, iterable } = createAsyncIterable({ maxBytes: 16 });
    assert.deepEqual(pushAll({ push }, 'four', new Uint8Array(4)), [true, true]);
    assert.equal(iterable.stats.bufferedBytes, 8);
    assert.equal(push({ some: 'object' }), false);
    assert.equal(iterable.stats.bufferedBytes, 16);
  });

  for (const timeSlice of [0, 1, 5]) {
    it(`reaches a consumer while the event loop does not turn, with a timeSlice of ${timeSlice}`, async () => {
      const { iterable, push, done } = createAsyncIterable({ capacity: 16, timeSlice });
      const collected = collect(iterable);
      const start = performance.now();
      let turns = 0;
      setImmediate(() => turns++);
      let pushed = 0;
      let most = 0;
      while (performance.now() - start < 50) {
        push(pushed++);
        most = Math.max(most, iterable.stats.buffered);
        await undefined;
      }
      assert.equal(turns, 0);
      assert.ok(most <= 32, `${most} of ${pushed} items were buffered`);
      done();
      assert.equal((await collected).length, pushed);
    });
  }

  it('leaves later items to their order, where it gives its item to a consumer that waits', async () => {
    const { iterable, push } = createAsyncIterable();
    push('first');
    await iterable.next();
    const one = iterable.next();
    push('one');
    push('two');
    const two = iterable.next();
    const pending = [iterable.next(), iterable.next()];
    push('three');
    push('four');
    const answers = await Promise.all([one, two, ...pending]);
    assert.deepEqual(
      answers.map(({ value }) => value),
      ['one', 'two', 'three', 'four'],
    );
    assert.equal(iterable.stats.delivered, 5);
    assert.equal(iterable.stats.pushed, 5);
  });

  it('takes nothing after the end, and says false', async () => {
    for (const end of [({ done }) => done(), ({ fail }) => fail('failed')]) {
      const pushed = createAsyncIterable();
      end(pushed);
      assert.equal(pushed.push('late'), false);
      assert.equal(pushed.iterable.stats.pushed, 0);
    }
    const left = createAsyncIterable();
    await left.iterable.return();
    assert.equal(left.push('late'), false);
  });

  it('keeps the newest items with drop-oldest, however many are dropped', async () => {
    const pushed = createAsyncIterable({ capacity: 3, overflow: 'drop-oldest' });
    pushAll(pushed, ...Array(5000).keys());
    assert.equal(pushed.iterable.stats.buffered, 3);
    pushed.done();
    assert.deepEqual(await collect(pushed.iterable), [4997, 4998, 4999]);
    assert.equal(pushed.iterable.stats.dropped, 4997);
  });

  it('makes room for as many bytes as the new item needs with drop-oldest', async () => {
    const pushed = createAsyncIterable({ maxBytes: 6, overflow: 'drop-oldest' });
    pushAll(pushed, 'ab', 'cd', 'ef', 'ghij');
    pushed.done();
    assert.deepEqual(await collect(pushed.iterable), ['ef', 'ghij']);
  });

  it('goes by what a buffer weighed when it was pushed, whatever becomes of it', () => {
    const { push, iterable } = createAsyncIterable({ maxBytes: 100, overflow: 'drop-oldest' });
    for (let count = 0; count < 50; count++) {
      const buffer = new ArrayBuffer(10);
      push(buffer);
      structuredClone(buffer, { transfer: [buffer] });
    }
    const { buffered, bufferedBytes } = iterable.stats;
    assert.deepEqual({ buffered, bufferedBytes }, { buffered: 10, bufferedBytes: 100 });
  });

  it('keeps the oldest items with drop-newest', async () => {
    const pushed = createAsyncIterable({ capacity: 2, overflow: 'drop-newest' });
    pushAll(pushed, 'a', 'b', 'c', Promise.reject(new Error('never seen')));
    assert.equal(pushed.iterable.stats.dropped, 2);
    pushed.done();
    assert.deepEqual(await collect(pushed.iterable), ['a', 'b']);
  });

  it('throws ERR_QUEUE_FULL with the policy error, and takes nothing', async () => {
    const { iterable, push, done } = createAsyncIterable({ capacity: 1, overflow: 'error' });
    push('a');
    assert.throws(() => push('b'), { name: 'Error', code: 'ERR_QUEUE_FULL' });
    done();
    assert.deepEqual(await collect(iterable), ['a']);
    assert.equal(iterable.stats.pushed, 1);
  });
});

describe('an item that is a promise', () => {
  it('is awaited in its place', async () => {
    const { iterable, push, done } = createAsyncIterable();
    let resolve;
    push('before');
    push(
      new Promise((settle) => {
        resolve = settle;
      }),
    );
    push('after');
    done();
    const collected = collect(iterable);
    await turn();
    assert.equal(iterable.stats.delivered, 1);
    resolve('promised');
    assert.deepEqual(await collected, ['before', 'promised', 'after']);
  });

  it('may be any thenable, but what is called then without being a function is an item', async () => {
    // biome-ignore lint/suspicious/noThenProperty: that is the point
    const thenable = { then: (resolve) => resolve('resolved') };
    // biome-ignore lint/suspicious/noThenProperty: that is the point
    const plain = { then: 'is later' };
    const pushed = createAsyncIterable();
    pushAll(pushed, thenable, plain);
    pushed.done();
    assert.deepEqual(await collect(pushed.iterable), ['resolved', plain]);
  });

  it('that rejects fails the stream there, and what was pushed later never comes', async () => {
    for (const reason of [new Error('rejected'), undefined, 0]) {
      const { iterable, push, done } = createAsyncIterable();
      push('before');
      push(Promise.reject(reason));
      push('after');
      done();
      assert.deepEqual(await iterable.next(), { value: 'before', done: false });
      const outcome = await iterable.next().then(
        () => assert.fail('it must reject'),
        (rejected) => ({ rejected }),
      );
      assert.deepEqual(outcome, { rejected: reason });
      assert.deepEqual(await iterable.next(), DONE);
      const { pushed, delivered, dropped, state } = iterable.stats;
      assert.deepEqual(
        { pushed, delivered, dropped, state },
        { pushed: 3, delivered: 1, dropped: 2, state: 'failed' },
      );
      assert.equal(push('late'), false);
    }
  });

  it('that rejects before an earlier one fails the stream there, unless the earlier one rejects as well', async () => {
    for (const doesReject of [false, true]) {
      const settles = [];
      const pending = () => new Promise((...both) => settles.push(both));
      const { iterable, push } = createAsyncIterable();
      push(pending());
      push('between');
      push(pending());
      push('never');
      settles[1][1]('second');
      await turn();
      settles[0][doesReject ? 1 : 0]('first');
      const received = [];
      const reason = await (async () => {
        for await (const item of iterable) received.push(item);
      })().catch((reason) => reason);
      assert.equal(reason, doesReject ? 'first' : 'second');
      assert.deepEqual(received, doesReject ? [] : ['first', 'between']);
      const { pushed, delivered, dropped, buffered } = iterable.stats;
      assert.deepEqual([pushed, delivered + dropped, buffered], [4, 4, 0]);
    }
  });

  it('that rejects after the consumer has left harms nobody', async () => {
    const { iterable, push } = createAsyncIterable();
    let reject;
    push(
      new Promise((_, settle) => {
        reject = settle;
      }),
    );
    const pending = iterable.next();
    await iterable.return();
    reject(new Error('too late'));
    assert.deepEqual(await pending, DONE);
    await turn();
    assert.equal(iterable.stats.state, 'cancelled');
  });

  it('takes no more ticks than a generator that yields it', async () => {
    const ticksUntil = async (promise) => {
      let settled = false;
      promise.then(() => {
        settled = true;
      });
      let ticks = 0;
      while (!settled) {
        await undefined;
        ticks++;
      }
      return ticks;
    };
    const generator = (async function* () {
      yield Promise.resolve('a');
    })();
    const generated = await ticksUntil(generator.next());
    const pushed = createAsyncIterable();
    pushed.push(Promise.resolve('a'));
    assert.ok((await ticksUntil(pushed.iterable.next())) <= generated);
  });

  it('is awaited as await does it, whatever then the promise has of its own', async () => {
    const promise = Promise.resolve('a');
    // biome-ignore lint/suspicious/noThenProperty: that is the point
    promise.then = (resolve) => resolve('b');
    const { iterable, push } = createAsyncIterable();
    push(promise);
    assert.deepEqual(await iterable.next(), { value: 'a', done: false });
    assert.deepEqual(await iterable.return(promise), { value: 'a', done: true });
  });

  it('has its place before its then runs, which may use the stream', async () => {
    const { iterable, push, done } = createAsyncIterable();
    let inner;
    push('a');
    push({
      // biome-ignore lint/suspicious/noThenProperty: that is the point
      get then() {
        inner ??= iterable.next();
        return (resolve) => resolve('b');
      },
    });
    done();
    assert.deepEqual(await inner, { value: 'a', done: false });
    assert.deepEqual(await iterable.next(), { value: 'b', done: false });
    assert.deepEqual(await iterable.next(), DONE);
  });

  it('costs no more the more of them wait', async () => {
    const { iterable, push, done } = createAsyncIterable({ capacity: 1e6 });
    let resolve;
    push(
      new Promise((settle) => {
        resolve = settle;
      }),
    );
    const items = 100_000;
    for (let item = 1; item < items; item++) push(Promise.resolve(item));
    done();
    const collected = collect(iterable);
    await turn();
    resolve(0);
    // A quadratic cost would take minutes.
    assert.equal((await collected).length, items);
  });

  it('rejects nothing when it is refused, because the stream has ended', async () => {
    const unhandled = [];
    const note = (reason) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    const { iterable, push } = createAsyncIterable();
    await iterable.return();
    assert.equal(push(Promise.reject(new Error('refused'))), false);
    await turn();
    await turn();
    process.off('unhandledRejection', note);
    assert.deepEqual(unhandled, []);
  });

  it('may be a proxy, and whatever a proxy throws fails the stream', async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const { iterable, push } = createAsyncIterable();
    push('before');
    push(proxy);
    push('after');
    assert.deepEqual(await iterable.next(), { value: 'before', done: false });
    await assert.rejects(iterable.next(), TypeError);
    assert.deepEqual(await iterable.next(), DONE);
  });

  it('that was dropped fails nothing', async () => {
    const { iterable, push, done } = createAsyncIterable({ capacity: 1, overflow: 'drop-oldest' });
    push(Promise.reject(new Error('dropped')));
    push('kept');
    done();
    await turn();
    assert.deepEqual(await collect(iterable), ['kept']);
  });
});

describe('ready()', () => {
  it('is true at once while there is room', async () => {
    assert.equal(await createAsyncIterable().ready(), true);
  });

  it('becomes true for all who wait when the consumer makes room', async () => {
    const { iterable, push, ready } = createAsyncIterable({ capacity: 1 });
    push('a');
    const waiting = Promise.all([ready(), ready()]);
    await iterable.next();
    assert.deepEqual(await waiting, [true, true]);
    assert.equal(iterable.stats.producerWaits, 2);
  });

  it('becomes false when the stream ends, in whatever way', async () => {
    for (const end of [
      ({ done }) => done(),
      ({ fail }) => fail('failed'),
      ({ iterable }) => iterable.return(),
    ]) {
      const pushed = createAsyncIterable({ capacity: 1 });
      pushed.push('a');
      const waiting = pushed.ready();
      end(pushed);
      assert.equal(await waiting, false);
      assert.equal(await pushed.ready(), false);
    }
  });

  it('holds a producer to the capacity that waits for it', async () => {
    const capacity = 4;
    const { iterable, push, ready, done } = createAsyncIterable({ capacity });
    let most = 0;
    const produced = (async () => {
      for (let number = 0; number < 100; number++) {
        if (!push(number)) await ready();
        most = Math.max(most, iterable.stats.buffered);
      }
      done();
    })();
    assert.deepEqual(await collect(iterable), [...Array(100).keys()]);
    await produced;
    assert.ok(most <= capacity, `${most} items were buffered`);
  });
});

describe('signal', () => {
  it('aborts when the consumer leaves', async () => {
    const { iterable, push, signal } = createAsyncIterable();
    push('a');
    for await (const _ of iterable) break;
    assert.equal(signal.aborted, true);
    assert.equal(signal.reason.name, 'AbortError');
  });

  it('is aborted already for whoever asks after that', async () => {
    const pushed = createAsyncIterable();
    await pushed.iterable.return();
    assert.equal(pushed.signal.aborted, true);
  });

  it('may have listeners that use the stream', async () => {
    for (const leave of [
      (iterable) => iterable.return('own'),
      (iterable) => iterable.throw('own'),
      (iterable) => iterable.next(),
    ]) {
      const { iterable, push, signal } = createAsyncIterable();
      let inner;
      signal.addEventListener('abort', () => {
        inner = Promise.allSettled([leave(iterable)]);
      });
      push('a');
      for await (const _ of iterable) break;
      const [outcome] = await inner;
      assert.ok(['own', undefined].includes(outcome.reason ?? outcome.value.value));
      assert.deepEqual(await iterable.next(), DONE);
    }
  });

  it('of the options rejects one next() only, also when listeners of the other use the stream', async () => {
    const controller = new AbortController();
    const { iterable, signal } = createAsyncIterable({ signal: controller.signal });
    let inner;
    signal.addEventListener('abort', () => {
      inner = Promise.allSettled([iterable.next(), iterable.next()]);
    });
    controller.abort('enough');
    const [first, second] = await inner;
    assert.equal(first.reason, 'enough');
    assert.deepEqual(second.value, DONE);
    assert.deepEqual(await iterable.next(), DONE);
  });

  it('stays as it is when the stream ends otherwise', async () => {
    const { iterable, done, signal } = createAsyncIterable();
    done();
    assert.deepEqual(await collect(iterable), []);
    await iterable.return();
    assert.equal(signal.aborted, false);
  });

  it('aborts when the stream is forgotten, and pushes are refused from then on', async () => {
    const forgotten = Array.from({ length: 20 }, () => {
      const { push, signal } = createAsyncIterable();
      return { push, signal };
    });
    // A conservative collector may keep one, but not all.
    await until(() => {
      collectGarbage();
      return forgotten.some(({ signal }) => signal.aborted);
    }, 'the collection');
    const { push } = forgotten.find(({ signal }) => signal.aborted);
    assert.equal(push('late'), false);
  });

  it('of the options cancels the stream, and aborts the signal of whoever pushes', async () => {
    const controller = new AbortController();
    const { iterable, push, signal } = createAsyncIterable({ signal: controller.signal });
    push('a');
    const reason = new Error('enough');
    controller.abort(reason);
    await assert.rejects(iterable.next(), (rejected) => rejected === reason);
    assert.equal(signal.aborted, true);
    assert.equal(push('late'), false);
  });
});

describe('hooks of the program that use the stream', () => {
  /** Makes a call, during which a hook calls `use` once. If the runtime calls no hook, `use` runs after the call. */
  function during(hook, call, use) {
    let isDue = true;
    const useOnce = () => {
      if (isDue) {
        isDue = false;
        use();
      }
    };
    const hooks = createHook({ [hook]: useOnce }).enable();
    const result = call();
    hooks.disable();
    useOnce();
    return result;
  }

  it('may push while next() makes its promise', async () => {
    const { iterable, push, done } = createAsyncIterable();
    push('first');
    await iterable.next();
    const next = during(
      'init',
      () => iterable.next(),
      () => push('hook'),
    );
    push('last');
    done();
    assert.equal((await next).value, 'hook');
    assert.deepEqual(await collect(iterable), ['last']);
  });

  it('may push while ready() is answered', async () => {
    const pushed = createAsyncIterable({ capacity: 2 });
    pushAll(pushed, 'one', 'two');
    pushed.ready();
    const next = during(
      'promiseResolve',
      () => pushed.iterable.next(),
      () => pushed.push('hook'),
    );
    pushed.done();
    const items = [(await next).value, ...(await collect(pushed.iterable))];
    assert.deepEqual(items, ['one', 'two', 'hook']);
  });

  it('may ask for the next item while push() answers', async () => {
    const { iterable, push } = createAsyncIterable();
    push('first');
    await iterable.next();
    const next = iterable.next();
    let later;
    Object.defineProperty(Object.prototype, 'then', {
      configurable: true,
      get() {
        if (this.value === 'x') later ??= iterable.next();
        return undefined;
      },
    });
    push('x');
    delete Object.prototype.then;
    push('y');
    assert.equal((await next).value, 'x');
    assert.equal((await later).value, 'y');
  });

  it('may be setters of Array.prototype', async () => {
    const pushed = createAsyncIterable();
    pushAll(pushed, 'a', 'b');
    Object.defineProperty(Array.prototype, '0', { configurable: true, set() {} });
    const batch = pushed.iterable.batches().next();
    delete Array.prototype[0];
    assert.deepEqual((await batch).value, ['a', 'b']);
  });
});

it('a stream counts what happened to it', async () => {
  const { iterable, push } = createAsyncIterable({ capacity: 2 });
  assert.equal(iterable.stats.state, 'idle');
  push('a');
  push('b');
  await iterable.next();
  push('c');
  await iterable.return();
  const { delivered, wakes, producerWaits, ...stats } = iterable.stats;
  assert.deepEqual(
    { delivered, wakes, producerWaits },
    { delivered: 1, wakes: 0, producerWaits: 0 },
  );
  assert.deepEqual(stats, {
    pushed: 3,
    dropped: 2,
    skipped: 0,
    buffered: 0,
    bufferedBytes: 0,
    capacity: 2,
    state: 'cancelled',
  });
});

it('pending next() calls settle with what is pushed later, and then with the end', async () => {
  const { iterable, push, done } = createAsyncIterable();
  const pending = [iterable.next(), iterable.next()];
  setImmediate(() => {
    push('a');
    done();
  });
  assert.deepEqual(await Promise.all(pending), [{ value: 'a', done: false }, DONE]);
});
