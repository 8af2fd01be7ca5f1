// Streams over an event bus: requests, and their ends. request-bounds.test.mjs tests bounds,
// request-threads.test.mjs other threads.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  AsyncIterableBridgeCaller,
  AsyncIterableBridgeHandler,
  IteratorEventType,
} from '../../index.mjs';
import { ask, collect, count, emitterBus, numbered } from '../support/buses.mjs';
import { collectGarbage } from '../support/garbage.mjs';
import { turn, until } from '../support/scripted-streams.mjs';

const { next, done, error } = IteratorEventType;

function pair(handler, options) {
  const bus = emitterBus();
  return {
    bus,
    caller: new AsyncIterableBridgeCaller(bus, options),
    handler: new AsyncIterableBridgeHandler(bus, handler, options),
  };
}

describe('a request', () => {
  it('is answered with the items, and then ends', async () => {
    const { bus, caller, handler } = pair(count);
    assert.deepEqual(await collect(caller.getAsyncIterable({ to: 5 })), numbered(5));
    assert.deepEqual(await collect(caller.getAsyncIterable({ to: 0 })), []);
    assert.deepEqual([caller.pendingCount, handler.iteratingCount], [0, 0]);
    assert.deepEqual(bus.log.slice(0, 2), [
      ['request', { callArgs: { to: 5 }, id: 0 }],
      ['response', { type: next, id: 0, item: { number: 0 } }],
    ]);
    assert.deepEqual(bus.log.at(-1), ['response', { type: done, id: 1 }]);
  });

  it('is made by each iterator', async () => {
    const { bus, caller } = pair(count);
    const iterable = caller.getAsyncIterable({ to: 2 });
    assert.deepEqual(bus.log, []);
    assert.deepEqual(await collect(iterable), numbered(2));
    assert.deepEqual(await collect(iterable), numbered(2));
    assert.equal(bus.log.filter(([name]) => name === 'request').length, 2);
  });

  it('fails as its answer fails, after the items', async () => {
    const reason = new Error('as asked');
    const { caller, handler } = pair(async function* () {
      yield 1;
      throw reason;
    });
    const iterator = ask(caller);
    assert.deepEqual(await iterator.next(), { value: 1, done: false });
    await assert.rejects(iterator.next(), (thrown) => thrown === reason);
    assert.deepEqual(await iterator.next(), { value: undefined, done: true });
    assert.deepEqual([caller.pendingCount, handler.iteratingCount], [0, 0]);
  });

  it('fails with a falsy reason as well', async () => {
    for (const reason of [undefined, null, 0, '']) {
      const { caller } = pair(() => ({
        [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(reason) }),
      }));
      const settled = await collect(caller.getAsyncIterable()).catch((thrown) => ({ thrown }));
      assert.deepEqual(settled, { thrown: reason });
    }
  });

  it('fails when the handler throws, returns nothing, or the bus does not take it', async () => {
    const thrown = new Error('no answer');
    const { caller } = pair(() => {
      throw thrown;
    });
    await assert.rejects(collect(caller.getAsyncIterable()), thrown);
    await assert.rejects(collect(pair(() => {}).caller.getAsyncIterable()), TypeError);
    const bus = emitterBus();
    bus.emitRequest = () => {
      throw thrown;
    };
    const unsent = new AsyncIterableBridgeCaller(bus);
    await assert.rejects(collect(unsent.getAsyncIterable()), thrown);
    assert.equal(unsent.pendingCount, 0);
    bus.emitRequest = () => Promise.reject(thrown);
    await assert.rejects(collect(unsent.getAsyncIterable()), thrown);
  });

  it('fails when the bus does not take an item, with the name, the message and the code', async () => {
    const bus = emitterBus();
    const { emitResponse } = bus;
    const caller = new AsyncIterableBridgeCaller(bus);
    const left = [];
    const handler = new AsyncIterableBridgeHandler(bus, async function* (isAsync) {
      try {
        yield isAsync;
      } finally {
        left.push(isAsync);
      }
    });
    const refusal = new DOMException('not this one', 'DataCloneError');
    bus.emitResponse = (event) => {
      if (event.type !== next) return emitResponse(event);
      if (event.item) return Promise.reject(refusal);
      throw refusal;
    };
    for (const isAsync of [false, true]) {
      const { message, name, code } = refusal;
      const expected = { constructor: Error, message, name, code };
      await assert.rejects(collect(caller.getAsyncIterable(isAsync)), expected);
    }
    assert.deepEqual(left, [false, true]);
    assert.equal(handler.iteratingCount, 0);
  });

  it('fails when the bus does not take its end', async () => {
    const bus = emitterBus();
    const { emitResponse } = bus;
    const caller = new AsyncIterableBridgeCaller(bus);
    new AsyncIterableBridgeHandler(bus, () => []);
    bus.emitResponse = (event) => {
      if (event.type === done) throw new Error('no end');
      emitResponse(event);
    };
    await assert.rejects(collect(caller.getAsyncIterable()), /no end/);
  });

  it('passes null, undefined and other falsy items through', async () => {
    const items = [null, undefined, 0, '', false, Number.NaN];
    const { caller } = pair(async function* () {
      yield* items;
    });
    assert.deepEqual(await collect(caller.getAsyncIterable()), items);
  });

  it('may be answered by an iterable that is not asynchronous', async () => {
    const { caller } = pair(() => [1, Promise.resolve(2), 3]);
    assert.deepEqual(await collect(caller.getAsyncIterable()), [1, 2, 3]);
  });

  it('settles several next() calls at once, in call order', async () => {
    const { caller } = pair(count);
    const iterator = ask(caller, { to: 3 });
    const results = await Promise.all(Array.from({ length: 5 }, () => iterator.next()));
    assert.deepEqual(
      results.map(({ value, done: isDone }) => (isDone ? 'done' : value.number)),
      [0, 1, 2, 'done', 'done'],
    );
  });

  it('ignores what comes after its end, and for requests that nobody has made', async () => {
    const bus = emitterBus();
    const caller = new AsyncIterableBridgeCaller(bus);
    const iterator = ask(caller);
    for (const event of [
      { type: next, id: 7, item: 1 },
      { type: next, id: 0, item: 'first' },
      { type: done, id: 0 },
      { type: done, id: 0 },
      { type: next, id: 0, item: 'late' },
      { type: error, id: 0, error: new Error('late') },
    ]) {
      bus.emitResponse(event);
    }
    assert.deepEqual(await iterator.next(), { value: 'first', done: false });
    assert.deepEqual(await iterator.next(), { value: undefined, done: true });
  });
});

describe('a request that is left', () => {
  it('cancels its answer, whose cleanup runs, and which sends nothing more', async () => {
    const cleaned = [];
    const { bus, caller, handler } = pair(async function* () {
      try {
        for (let number = 0; ; number++) {
          await turn();
          yield number;
        }
      } finally {
        cleaned.push('cleaned');
      }
    });
    for await (const item of caller.getAsyncIterable()) if (item === 3) break;
    assert.equal(caller.pendingCount, 0);
    assert.deepEqual(bus.log.at(-1), ['cancel', { id: 0 }]);
    await until(() => cleaned.length === 1 && handler.iteratingCount === 0, 'the cleanup');
    for (let turns = 0; turns < 5; turns++) await turn();
    assert.deepEqual(bus.log.at(-1), ['cancel', { id: 0 }]);
  });

  it('settles a next() that is pending', async () => {
    const { caller } = pair(() => ({
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }),
    }));
    const iterator = ask(caller);
    const pending = iterator.next();
    await iterator.return();
    assert.deepEqual(await pending, { value: undefined, done: true });
    assert.equal(caller.pendingCount, 0);
  });

  it('is not answered any more when it was left before there was an iterator', async () => {
    const left = [];
    let asked = 0;
    const { bus, caller, handler } = pair(() => {
      bus.emitRequestCancel({ id: 0 });
      return {
        [Symbol.asyncIterator]: () => ({
          next: async () => ({ value: asked++, done: false }),
          return: async () => left.push('left'),
        }),
      };
    });
    ask(caller);
    await until(() => left.length === 1, 'the cleanup');
    assert.deepEqual([asked, handler.iteratingCount], [0, 0]);
  });

  it('is sent nothing of what its answer was still waiting for', async () => {
    const bus = emitterBus();
    let pending;
    new AsyncIterableBridgeHandler(bus, () => ({
      [Symbol.asyncIterator]: () => ({
        next: () =>
          new Promise((resolve, reject) => {
            pending = { resolve, reject };
          }),
      }),
    }));
    for (const settle of [
      () => pending.resolve({ value: 'late', done: false }),
      () => pending.reject(new Error('late')),
    ]) {
      bus.emitRequest({ callArgs: undefined, id: 0 });
      bus.emitRequestCancel({ id: 0 });
      settle();
      await turn();
      assert.deepEqual(bus.log.at(-1), ['cancel', { id: 0 }]);
    }
  });

  it('makes way for another one with its id', async () => {
    const bus = emitterBus();
    const left = [];
    const handler = new AsyncIterableBridgeHandler(bus, (name) => ({
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: async () => left.push(name),
      }),
    }));
    bus.emitRequest({ callArgs: 'first', id: 0 });
    bus.emitRequest({ callArgs: 'second', id: 0 });
    assert.deepEqual([left, handler.iteratingCount], [['first'], 1]);
  });

  it('rejects return() with what the bus throws at the cancel', async () => {
    const bus = emitterBus();
    const reason = new Error('no cancel');
    bus.emitRequestCancel = () => {
      throw reason;
    };
    const caller = new AsyncIterableBridgeCaller(bus);
    await assert.rejects(ask(caller).return(), reason);
    assert.equal(caller.pendingCount, 0);
  });

  it('goes without a word on a bus that cannot cancel', async () => {
    const bus = emitterBus({ cancels: false });
    const caller = new AsyncIterableBridgeCaller(bus);
    new AsyncIterableBridgeHandler(bus, count);
    for await (const _ of caller.getAsyncIterable({ to: 5 })) break;
    assert.equal(caller.pendingCount, 0);
  });

  it('is cancelled once nothing refers to its iterator', async () => {
    const bus = emitterBus();
    const caller = new AsyncIterableBridgeCaller(bus);
    (() => {
      ask(caller);
    })();
    await until(() => {
      collectGarbage();
      return caller.pendingCount === 0;
    }, 'the cancellation');
    assert.deepEqual(bus.log.at(-1), ['cancel', { id: 0 }]);
  });
});

describe('errors', () => {
  it('are converted by the hooks', async () => {
    const bus = emitterBus();
    const caller = new AsyncIterableBridgeCaller(bus, {
      fromThreadBoundaryError: ({ text }) => new RangeError(text),
    });
    new AsyncIterableBridgeHandler(
      bus,
      () => {
        throw new Error('outer');
      },
      { toThreadBoundaryError: ({ message }) => ({ text: message }) },
    );
    await assert.rejects(collect(caller.getAsyncIterable()), {
      name: 'RangeError',
      message: 'outer',
    });
    assert.deepEqual(bus.log.at(-1), [
      'response',
      { type: error, id: 0, error: { text: 'outer' } },
    ]);
  });

  it('of the hooks are told instead', async () => {
    const broken = () => {
      throw new Error('broken hook');
    };
    const fail = () => {
      throw new Error('outer');
    };
    for (const hook of ['fromThreadBoundaryError', 'toThreadBoundaryError']) {
      const { caller } = pair(fail, { [hook]: broken });
      await assert.rejects(collect(caller.getAsyncIterable()), /broken hook/);
    }
  });
});

describe('arguments', () => {
  const bus = emitterBus();

  it('of the caller are checked', () => {
    const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
    const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
    for (const [events, options, expected] of [
      [undefined, undefined, { ...type, message: /"events"/ }],
      [{}, undefined, { ...type, message: /"events.emitRequest"/ }],
      [{ ...bus, onResponse: 1 }, undefined, { ...type, message: /"events.onResponse"/ }],
      [{ ...bus, emitRequestCancel: 1 }, undefined, { ...type, message: /emitRequestCancel/ }],
      [bus, { timeout: 'x' }, { ...type, message: /"options.timeout"/ }],
      [bus, { timeout: 0 }, { ...range, message: /"options.timeout"/ }],
      [{ ...bus, waitsForConsumer: 1 }, undefined, { ...type, message: /waitsForConsumer/ }],
      [bus, { capacity: 0 }, { ...range, message: /"options.capacity"/ }],
      [bus, { fromThreadBoundaryError: 1 }, { ...type, message: /fromThreadBoundaryError/ }],
    ]) {
      assert.throws(() => new AsyncIterableBridgeCaller(events, options), expected);
    }
  });

  it('of the handler are checked', () => {
    const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
    for (const [events, handler, options, message] of [
      [undefined, count, undefined, /"events"/],
      [{}, count, undefined, /"events.emitResponse"/],
      [bus, undefined, undefined, /"handler"/],
      [bus, count, { toThreadBoundaryError: 1 }, /toThreadBoundaryError/],
    ]) {
      assert.throws(() => new AsyncIterableBridgeHandler(events, handler, options), {
        ...type,
        message,
      });
    }
  });
});
