// A stack overflow that the program catches, at any depth, within any call of a stream: only that call may fail.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAsyncIterable, range } from 'async-iterable-bridge';
import { atEveryDepth } from '../support/depths.mjs';

const DONE = { value: undefined, done: true };

async function collect(stream) {
  const items = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** Returns the result of a call with some stack, or nothing if the stack was too small for it. */
function resultOf(run, call) {
  let result;
  const hasReturned = run(() => {
    result = call();
  });
  return hasReturned ? result : undefined;
}

/** Reports whether a promise has rejected because the stack was full. */
const overflowed = (promise) =>
  promise.then(
    () => false,
    (error) => {
      assert.ok(error instanceof RangeError);
      return true;
    },
  );

const SOURCES = {
  createAsyncIterable(count) {
    const { iterable, push, done } = createAsyncIterable({ capacity: 1e6 });
    for (let number = 0; number < count; number++) push(number);
    done();
    return iterable;
  },
  range: (count) => range(0, count),
};

describe('a stack overflow at any depth', () => {
  for (const [name, open] of Object.entries(SOURCES)) {
    it(`within next() of ${name} loses no item`, async () => {
      const COUNT = 100_000;
      const stream = open(COUNT);
      const received = [];
      await atEveryDepth(async (run) => {
        const next = resultOf(run, () => stream.next());
        if (next === undefined || (await overflowed(next))) return;
        received.push((await next).value);
      });
      received.push(...(await collect(stream)));
      assert.deepEqual(
        received,
        Array.from({ length: COUNT }, (_, number) => number),
      );
    });

    it(`within return() of ${name} lets the next call leave`, async () => {
      await atEveryDepth(async (run) => {
        const stream = open(10);
        await stream.next();
        const left = resultOf(run, () => stream.return('left'));
        if (left === undefined || (await overflowed(left))) {
          assert.deepEqual(await stream.return('again'), { value: 'again', done: true });
        }
        assert.deepEqual(await stream.next(), DONE);
        assert.notEqual(stream.stats.state, 'open');
      });
    });

    it(`within batches().next() of ${name} loses no batch`, async () => {
      await atEveryDepth(async (run) => {
        const stream = open(10);
        const next = resultOf(run, () => stream.batches().next());
        const isLost = next === undefined || (await overflowed(next));
        const first = isLost ? [] : (await next).value;
        assert.deepEqual([...first, ...(await collect(stream))], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      });
    });
  }

  it('within push() delivers to a consumer that waits, in order', async () => {
    await atEveryDepth(async (run) => {
      const { iterable, push, done } = createAsyncIterable();
      const received = collect(iterable);
      const pushed = [];
      for (const item of ['first', Promise.resolve('second'), 'third']) {
        await undefined;
        const value = await item;
        if (resultOf(run, () => push(item)) !== undefined) pushed.push(value);
      }
      done();
      const items = await received;
      // An item that was taken before the stack was full arrives, too.
      assert.deepEqual(
        items.filter((item) => pushed.includes(item)),
        pushed,
      );
      assert.deepEqual(
        items,
        ['first', 'second', 'third'].filter((item) => items.includes(item)),
      );
    });
  });

  it('within done() or fail() lets the next call end the stream', async () => {
    for (const method of ['done', 'fail']) {
      await atEveryDepth(async (run) => {
        const stream = createAsyncIterable();
        const next = stream.iterable.next();
        run(() => stream[method]('reason'));
        stream[method]('reason');
        if (method === 'done') assert.deepEqual(await next, DONE);
        else assert.equal(await next.catch((reason) => reason), 'reason');
      });
    }
  });

  it('within the abort of a signal, or a getter, leaves the stream', async () => {
    await atEveryDepth(async (run) => {
      const controller = new AbortController();
      const stream = range(0, 1000, { signal: controller.signal });
      await stream.next();
      run(() => stream.stats);
      const next = stream.next();
      controller.abort('reason');
      await next;
      assert.equal(await stream.next().catch((reason) => reason), 'reason');
      assert.deepEqual(await stream.next(), DONE);
    });
  });

  it('leaves the other streams and the timers of the thread', async () => {
    let streams = [];
    let index = 0;
    function deep() {
      try {
        deep();
      } catch {
        // The stack is full.
      }
      if (index < streams.length && index % 3 !== 0) streams[index++].next().catch(() => {});
      else index++;
    }
    for (let round = 0; round < 30; round++) {
      streams = Array.from({ length: 60 }, () => range(0, 10));
      index = 0;
      deep();
      assert.deepEqual(await range(0, 3).next(), { value: 0, done: false });
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
});
