// Streams over an event bus: the Caller and the Handler, by themselves and against scripted other halves.

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import {
  AsyncIterableBridgeCaller,
  AsyncIterableBridgeHandler,
  IteratorEventType,
} from '../index.mjs';
import { collectGarbage } from './support/garbage.mjs';
import { turn, until } from './support/ports.mjs';

const { next, done, error } = IteratorEventType;

/** A bus within one thread. `log` has every event that went through it. */
function emitterBus({ cancels = true } = {}) {
  const emitter = new EventEmitter();
  const log = [];
  const emit = (name) => (event) => {
    log.push([name, event]);
    emitter.emit(name, event);
  };
  const on = (name) => (listener) => emitter.on(name, listener);
  const bus = {
    emitRequest: emit('request'),
    emitResponse: emit('response'),
    onRequest: on('request'),
    onResponse: on('response'),
    log,
    emitter,
  };
  if (cancels) {
    bus.emitRequestCancel = emit('cancel');
    bus.onRequestCancel = on('cancel');
  }
  return bus;
}

/** Two buses, one for either end of a MessageChannel. */
function portBuses() {
  const { port1, port2 } = new MessageChannel();
  const bus = (port) => {
    const emit = (name) => (event) => port.postMessage({ name, event });
    const on = (name) => (listener) =>
      port.on('message', (message) => {
        if (message.name === name) listener(message.event);
      });
    return {
      emitRequest: emit('request'),
      emitResponse: emit('response'),
      emitRequestCancel: emit('cancel'),
      onRequest: on('request'),
      onResponse: on('response'),
      onRequestCancel: on('cancel'),
    };
  };
  return { calling: bus(port1), answering: bus(port2), close: () => port1.close() };
}

async function collect(iterable) {
  const items = [];
  for await (const item of iterable) items.push(item);
  return items;
}

function pair(handler, options) {
  const bus = emitterBus();
  return {
    bus,
    caller: new AsyncIterableBridgeCaller(bus, options),
    handler: new AsyncIterableBridgeHandler(bus, handler, options),
  };
}

async function* count({ to }) {
  for (let number = 0; number < to; number++) {
    if (number % 3 === 0) await turn();
    yield { number };
  }
}

const numbered = (to) => Array.from({ length: to }, (_, number) => ({ number }));

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
    const iterator = caller.getAsyncIterable()[Symbol.asyncIterator]();
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
  });

  it('passes null, undefined and other falsy items through', async () => {
    const items = [null, undefined, 0, '', false, Number.NaN];
    const { caller } = pair(async function* () {
      yield* items;
    });
    assert.deepEqual(await collect(caller.getAsyncIterable()), items);
  });

  it('may be answered by an iterable that is not asynchronous', async () => {
    const { caller } = pair(() => [1, 2, 3]);
    assert.deepEqual(await collect(caller.getAsyncIterable()), [1, 2, 3]);
  });

  it('settles several next() calls at once, in call order', async () => {
    const { caller } = pair(count);
    const iterator = caller.getAsyncIterable({ to: 3 })[Symbol.asyncIterator]();
    const results = await Promise.all(Array.from({ length: 5 }, () => iterator.next()));
    assert.deepEqual(
      results.map(({ value, done: isDone }) => (isDone ? 'done' : value.number)),
      [0, 1, 2, 'done', 'done'],
    );
  });

  it('ignores what comes after its end, and for requests that nobody has made', async () => {
    const bus = emitterBus();
    const caller = new AsyncIterableBridgeCaller(bus);
    const iterator = caller.getAsyncIterable()[Symbol.asyncIterator]();
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
    const iterator = caller.getAsyncIterable()[Symbol.asyncIterator]();
    const pending = iterator.next();
    await iterator.return();
    assert.deepEqual(await pending, { value: undefined, done: true });
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
      caller.getAsyncIterable()[Symbol.asyncIterator]();
    })();
    await until(() => {
      collectGarbage();
      return caller.pendingCount === 0;
    }, 'the cancellation');
    assert.deepEqual(bus.log.at(-1), ['cancel', { id: 0 }]);
  });
});

describe('a bound', () => {
  it('fails and cancels a request whose consumer reads too slowly', async () => {
    const { bus, caller } = pair(count, { capacity: 4 });
    const iterator = caller.getAsyncIterable({ to: 100 })[Symbol.asyncIterator]();
    await until(() => bus.log.some(([name]) => name === 'cancel'), 'the cancellation');
    const items = [];
    await assert.rejects(
      async () => {
        for await (const { number } of iterator) items.push(number);
      },
      { code: 'ERR_QUEUE_FULL' },
    );
    assert.deepEqual(items, [0, 1, 2, 3]);
    assert.equal(caller.pendingCount, 0);
  });
});

describe('timeout', () => {
  const code = 'ERR_REQUEST_TIMEOUT';

  it('fails and cancels a request that nobody answers', async () => {
    const bus = emitterBus();
    const caller = new AsyncIterableBridgeCaller(bus, { timeout: 5 });
    await assert.rejects(collect(caller.getAsyncIterable()), { code });
    assert.equal(caller.pendingCount, 0);
    assert.deepEqual(bus.log.at(-1), ['cancel', { id: 0 }]);
  });

  it('begins anew with every item', async () => {
    const bus = emitterBus();
    const caller = new AsyncIterableBridgeCaller(bus, { timeout: 200 });
    const iterator = caller.getAsyncIterable()[Symbol.asyncIterator]();
    const start = performance.now();
    while (performance.now() - start < 400) {
      await turn();
      bus.emitResponse({ type: next, id: 0, item: 'alive' });
      assert.equal((await iterator.next()).value, 'alive');
    }
    await assert.rejects(iterator.next(), { code });
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
    assert.deepEqual(bus.log.at(-1), ['response', { type: error, id: 0, error: { text: 'outer' } }]);
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

describe('over a MessageChannel', () => {
  it('works as within a thread, and says when an item cannot be cloned', async () => {
    const { calling, answering, close } = portBuses();
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
    const iterator = caller.getAsyncIterable({ to: 1, last: true })[Symbol.asyncIterator]();
    assert.deepEqual(await iterator.next(), { value: { number: 0 }, done: false });
    await assert.rejects(iterator.next(), /clone/);
    await until(() => cleaned.length === 2 && handler.iteratingCount === 0, 'the cleanup');
    await assert.rejects(collect(caller.getAsyncIterable({ function: () => {} })), /clone/);
    assert.equal(caller.pendingCount, 0);
    close();
  });

  it('answers 10,000 requests at once', async () => {
    const { calling, answering, close } = portBuses();
    const caller = new AsyncIterableBridgeCaller(calling);
    const handler = new AsyncIterableBridgeHandler(answering, count);
    const answers = Array.from({ length: 10_000 }, (_, index) =>
      collect(caller.getAsyncIterable({ to: index % 4 })),
    );
    const lengths = (await Promise.all(answers)).map(({ length }) => length);
    assert.ok(lengths.every((length, index) => length === index % 4));
    assert.deepEqual([caller.pendingCount, handler.iteratingCount], [0, 0]);
    close();
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
