// Streams over an event bus: the bounds of a request that falls behind, on a bus that waits for its consumer and
// on one that cannot, and the timeout of a request without an answer.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  AsyncIterableBridgeCaller,
  AsyncIterableBridgeHandler,
  IteratorEventType,
} from '../../index.mjs';
import { ask, collect, emitterBus, waitingBus } from '../support/buses.mjs';
import { turn, until } from '../support/scripted-streams.mjs';

const { next, done } = IteratorEventType;

const MEBIBYTE = 1024 * 1024;

/** The number of turns in which all possible progress happens. */
const QUIET_TURNS = 10;

async function quiet() {
  for (let turns = 0; turns < QUIET_TURNS; turns++) await turn();
}

/** Waits for `milliseconds` milliseconds. */
async function pass(milliseconds) {
  const start = performance.now();
  await until(() => performance.now() - start > milliseconds);
}

/** Sends a request that the test answers with `answer(item)`; `cancels()` counts the cancels on its bus. */
function answered(options, bus = emitterBus()) {
  const caller = new AsyncIterableBridgeCaller(bus, options);
  return {
    caller,
    iterator: ask(caller),
    answer: (item) => bus.emitResponse({ type: next, id: 0, item }),
    end: () => bus.emitResponse({ type: done, id: 0 }),
    cancels: () => bus.log.filter(([name]) => name === 'cancel').length,
  };
}

/** Counts how many of these items a request without a reader takes before it is given up. */
async function countTaken(item, options) {
  const { caller, iterator, answer, cancels } = answered(options);
  let answers = 0;
  while (caller.pendingCount > 0) {
    answer(item);
    answers++;
  }
  assert.equal(cancels(), 1);
  let taken = 0;
  await assert.rejects(
    async () => {
      for await (const _ of iterator) taken++;
    },
    { code: 'ERR_QUEUE_FULL' },
  );
  assert.equal(taken, answers - 1);
  return taken;
}

/** Answers with `item` for ever. `produced()` returns how often so far. */
function endless(bus, item) {
  let produced = 0;
  const handler = new AsyncIterableBridgeHandler(bus, async function* () {
    for (;;) {
      produced++;
      yield item;
    }
  });
  return { handler, produced: () => produced };
}

describe('a bus that cannot wait', () => {
  it('fails and cancels a request whose consumer falls too far behind', async () => {
    assert.equal(await countTaken('item', { capacity: 4 }), 4);
    assert.equal(await countTaken('item', { maxBytes: 12 }), 3);
  });

  it('has bounds without being told any', async () => {
    assert.equal(await countTaken(1), 65_536);
    assert.equal(await countTaken(new Uint8Array(MEBIBYTE)), 64);
  });

  it('stops the handler of a request that nobody reads', async () => {
    const bus = emitterBus();
    const { handler, produced } = endless(bus, 'item');
    const iterator = ask(new AsyncIterableBridgeCaller(bus, { capacity: 100 }));
    await until(() => handler.iteratingCount === 0, 'the cancellation');
    assert.equal(produced(), 101);
    await iterator.return();
  });

  it('weighs the fields of an object, and asks no getter', async () => {
    const view = new Uint8Array(92);
    let asked = 0;
    const lazy = {
      get field() {
        return asked++;
      },
    };
    const proxy = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('asked');
        },
      },
    );
    for (const [item, weight] of [
      [{ view }, 100],
      [{ text: 'a'.repeat(92) }, 100],
      [{ number: 1, nothing: null, buffer: view.buffer }, 116],
      [[view, 'abcd'], 104],
      [{ nested: { view } }, 16],
      [lazy, 16],
      [proxy, 8],
      [new Map([[1, view]]), 8],
    ]) {
      const { iterator, answer } = answered();
      answer(item);
      assert.equal(iterator.stats.bufferedBytes, weight);
    }
    assert.equal(asked, 0);
  });

  it('is given a promise of room when there is none, in case it can wait', async () => {
    const responses = [];
    const bus = { emitRequest: () => {}, onResponse: (listener) => responses.push(listener) };
    const iterator = ask(new AsyncIterableBridgeCaller(bus, { capacity: 2 }));
    const answer = () => responses[0]({ type: next, id: 0, item: 'item' });
    assert.equal(answer(), undefined);
    const ready = answer();
    await iterator.next();
    assert.equal(await ready, true);
    answer();
    const left = answer();
    await iterator.return();
    assert.equal(await left, false);
    assert.equal(answer(), undefined);
  });
});

describe('a bus that waits', () => {
  it('holds the handler to the capacity, and never fails a request', async () => {
    for (const [options, item, most] of [
      [undefined, 'item', 1024],
      [{ capacity: 3 }, 'item', 3],
      [{ maxBytes: 100 }, 'a'.repeat(60), 2],
    ]) {
      const bus = waitingBus();
      const { handler, produced } = endless(bus, item);
      const caller = new AsyncIterableBridgeCaller(bus, options);
      const iterator = ask(caller);
      await until(() => produced() === most, 'a full buffer');
      await quiet();
      assert.equal(produced(), most);
      for (let read = 1; read < 3 * most; read++) {
        assert.equal((await iterator.next()).value, item);
        // A batch that the stream has drained makes room for the next one.
        assert.ok(produced() <= read + 2 * most, `${produced()} for ${read}`);
      }
      await iterator.return();
      await until(() => handler.iteratingCount === 0, 'the cancellation');
      assert.equal(caller.pendingCount, 0);
    }
  });

  it('delivers everything to a slow consumer, in order', async () => {
    const bus = waitingBus();
    const numbers = [...Array(500).keys()];
    new AsyncIterableBridgeHandler(bus, () => numbers);
    const items = [];
    const caller = new AsyncIterableBridgeCaller(bus, { capacity: 2 });
    for await (const number of caller.getAsyncIterable()) {
      if (number % 100 === 0) await quiet();
      items.push(number);
    }
    assert.deepEqual(items, numbers);
    assert.ok(bus.waits.some((wait) => wait instanceof Promise));
  });

  it('answers 1,000 requests at once, each within its own bound', async () => {
    const bus = waitingBus();
    new AsyncIterableBridgeHandler(bus, (to) => Array(to).keys());
    const caller = new AsyncIterableBridgeCaller(bus, { capacity: 1 });
    const answers = Array.from({ length: 1000 }, (_, to) => {
      return collect(caller.getAsyncIterable(to % 10));
    });
    const lengths = (await Promise.all(answers)).map(({ length }) => length);
    assert.ok(lengths.every((length, to) => length === to % 10));
  });

  it('stops the handler by the word that the requester has left', async () => {
    const bus = waitingBus();
    bus.emitResponse = async () => false;
    const { handler, produced } = endless(bus, 'item');
    bus.emitRequest({ callArgs: undefined, id: 0 });
    await until(() => handler.iteratingCount === 0, 'the end');
    assert.equal(produced(), 1);
  });

  it('lets a request go that is left while the handler waits, and emits nothing more', async () => {
    const bus = waitingBus();
    const emitted = [];
    bus.emitResponse = (event) => {
      emitted.push(event);
      return new Promise(() => {});
    };
    const left = [];
    const handler = new AsyncIterableBridgeHandler(bus, async function* () {
      try {
        for (;;) yield 'item';
      } finally {
        left.push('left');
      }
    });
    bus.emitRequest({ callArgs: undefined, id: 0 });
    await until(() => emitted.length === 1, 'an item');
    bus.emitRequestCancel({ id: 0 });
    await until(() => left.length === 1, 'the cleanup');
    await quiet();
    assert.deepEqual([emitted.length, handler.iteratingCount], [1, 0]);
  });

  it('is told that a request has ended by an item that was a promise, and rejects', async () => {
    const { caller, iterator, answer, cancels } = answered({}, waitingBus());
    answer(Promise.reject(new Error('an item')));
    await assert.rejects(iterator.next(), /an item/);
    assert.deepEqual([caller.pendingCount, cancels()], [0, 1]);
    assert.equal(await answer('late'), undefined);
  });
});

describe('timeout', () => {
  const code = 'ERR_REQUEST_TIMEOUT';
  const timeout = 50;

  it('fails and cancels a request that nobody answers', async () => {
    const { caller, iterator, cancels } = answered({ timeout: 5 });
    await assert.rejects(iterator.next(), { code });
    assert.deepEqual([caller.pendingCount, cancels()], [0, 1]);
  });

  it('begins anew with every item', async () => {
    const { iterator, answer } = answered({ timeout: 500 });
    const start = performance.now();
    while (performance.now() - start < 750) {
      await turn();
      answer('alive');
      assert.equal((await iterator.next()).value, 'alive');
    }
    await assert.rejects(iterator.next(), { code });
  });

  it('is that of the handler: a buffer that nobody reads does not end a request', async () => {
    const { caller, iterator, answer } = answered({ timeout, capacity: 1 }, waitingBus());
    answer('item');
    await pass(3 * timeout);
    assert.equal(caller.pendingCount, 1);
    assert.equal((await iterator.next()).value, 'item');
    await assert.rejects(iterator.next(), { code });
  });

  it('is over with the request, and keeps nothing alive', async () => {
    const longest = 2 ** 31 - 1;
    const ended = answered({ timeout: longest });
    ended.end();
    assert.deepEqual(await collect(ended.iterator), []);
    const left = answered({ timeout: longest });
    await left.iterator.return();
    const full = answered({ timeout: longest, capacity: 1 });
    full.answer('item');
    full.answer('too many');
    assert.equal(full.cancels(), 1);
  });
});
