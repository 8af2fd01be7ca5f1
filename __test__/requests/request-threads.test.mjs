// Streams over an event bus between threads: over a MessagePort, which clones its messages.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { AsyncIterableBridgeCaller, AsyncIterableBridgeHandler } from '../../index.mjs';
import { ask, collect, count, numbered, overPorts, portBus } from '../support/buses.mjs';
import { until } from '../support/scripted-streams.mjs';

describe('over a MessageChannel', () => {
  it('works as within a thread, and says when an item cannot be cloned', () =>
    overPorts(async ({ calling, answering }) => {
      const caller = new AsyncIterableBridgeCaller(calling);
      const cleaned = [];
      const handler = new AsyncIterableBridgeHandler(answering, async function* ({ to, last }) {
        try {
          yield* count({ to });
          if (last !== undefined) yield { function: () => {} };
        } finally {
          cleaned.push(to);
        }
      });
      assert.deepEqual(await collect(caller.getAsyncIterable({ to: 10 })), numbered(10));
      const iterator = ask(caller, { to: 1, last: true });
      assert.deepEqual(await iterator.next(), { value: { number: 0 }, done: false });
      await assert.rejects(iterator.next(), /clone/);
      await until(() => cleaned.length === 2 && handler.iteratingCount === 0, 'the cleanup');
      await assert.rejects(collect(caller.getAsyncIterable({ function: () => {} })), /clone/);
      assert.equal(caller.pendingCount, 0);
    }));

  it('fails with the text of a reason that cannot be cloned', () =>
    overPorts(async ({ calling, answering }) => {
      const caller = new AsyncIterableBridgeCaller(calling);
      const reasons = [{ message: 'as text', hook: () => {} }, { hook: () => {} }];
      new AsyncIterableBridgeHandler(answering, (index) => {
        throw reasons[index];
      });
      await assert.rejects(collect(caller.getAsyncIterable(0)), /as text/);
      await assert.rejects(collect(caller.getAsyncIterable(1)), /hook: \[Function: hook\]/);
    }));

  it('hears a consumer who leaves an answer that is always ready', () =>
    overPorts(async ({ calling, answering }) => {
      const caller = new AsyncIterableBridgeCaller(calling);
      const handler = new AsyncIterableBridgeHandler(answering, async function* () {
        for (;;) yield 'ready';
      });
      for await (const item of caller.getAsyncIterable()) if (item === 'ready') break;
      await until(() => handler.iteratingCount === 0, 'the cancellation');
    }));

  it('answers 10,000 requests at once', () =>
    overPorts(async ({ calling, answering }) => {
      const caller = new AsyncIterableBridgeCaller(calling);
      const handler = new AsyncIterableBridgeHandler(answering, count);
      const answers = Array.from({ length: 10_000 }, (_, index) =>
        collect(caller.getAsyncIterable({ to: index % 4 })),
      );
      assert.equal(caller.pendingCount, 10_000);
      const lengths = (await Promise.all(answers)).map(({ length }) => length);
      assert.ok(lengths.every((length, index) => length === index % 4));
      assert.deepEqual([caller.pendingCount, handler.iteratingCount], [0, 0]);
    }));
});

describe('over a worker', () => {
  async function overWorker(test) {
    const worker = new Worker(new URL('../programs/answering-worker.mjs', import.meta.url));
    try {
      await test(new AsyncIterableBridgeCaller(portBus(worker)));
    } finally {
      await worker.terminate();
    }
  }

  it('many requests are answered at once, each by its own items', () =>
    overWorker(async (caller) => {
      const answers = Array.from({ length: 100 }, (_, to) =>
        collect(caller.getAsyncIterable({ to, size: 10 })),
      );
      for (const [to, items] of (await Promise.all(answers)).entries()) {
        assert.deepEqual(
          items.map(({ number, data }) => [number, data.length, data[0]]),
          Array.from({ length: to }, (_, number) => [number, 10, number]),
        );
      }
      assert.equal(caller.pendingCount, 0);
    }));

  it('a failure and a consumer who leaves are heard on the other side', () =>
    overWorker(async (caller) => {
      const failing = ask(caller, { to: 2, size: 1, failAt: 1 });
      assert.equal((await failing.next()).value.number, 0);
      await assert.rejects(failing.next(), { name: 'RangeError', message: 'fails at 1' });
      for await (const { number } of caller.getAsyncIterable({ to: 1e9, size: 1 })) {
        if (number === 10) break;
      }
      // The cancel was posted first, so it arrives first.
      assert.deepEqual(await collect(caller.getAsyncIterable({})), [1]);
    }));
});
