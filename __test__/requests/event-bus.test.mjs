// The event bus over channels, with the Caller, the Handler and hand-written counterparts of programs. Here all ends
// are in one thread; event-bus-workers.test.mjs tests other threads.

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { afterEach, describe, it } from 'node:test';
import {
  AsyncIterableBridgeHandler,
  createEventBus,
  IteratorEventType,
} from 'async-iterable-bridge';
import { ask, collect } from '../support/buses.mjs';
import { closeAll, newBus, newCaller, newName, serve } from '../support/event-bus.mjs';
import { expectNoChannels } from '../support/handles.mjs';
import { turn, until } from '../support/scripted-streams.mjs';

const { next, done, error: errorType } = IteratorEventType;

afterEach(closeAll);
expectNoChannels();

const labelled = (label, to) => Array.from({ length: to }, (_, number) => ({ label, number }));

/** Yields the events of one request that is sent by hand, up to the last one. */
function eventsOf(bus, callArgs, id = 0) {
  return new Promise((resolve) => {
    const events = [];
    bus.onResponse((event) => {
      events.push(event);
      if (event.type !== next) resolve(events);
    });
    bus.emitRequest({ callArgs, id });
  });
}

describe('createEventBus', () => {
  it('gives what a Caller and a Handler ask for, by name', async () => {
    const name = newName();
    const { bus, handler } = serve(name);
    const caller = newCaller(name);
    assert.equal(bus.name, name);
    assert.equal(bus.waitsForConsumer, true);
    const items = await collect(caller.getAsyncIterable({ how: 'count', to: 10, label: 'a' }));
    assert.deepEqual(items, labelled('a', 10));
    await until(() => handler.iteratingCount === 0);
    assert.equal(caller.pendingCount, 0);
  });

  it('keeps buses of different names apart', async () => {
    const names = [newName(), newName()];
    for (const name of names) {
      new AsyncIterableBridgeHandler(newBus(name), () => [name]);
    }
    const answers = names.map((name) => collect(newCaller(name).getAsyncIterable()));
    assert.deepEqual(await Promise.all(answers), [[names[0]], [names[1]]]);
  });

  it('takes any text as a name', async () => {
    for (const suffix of ['', '"', '\\', '\n', '\0', 'é', '🙂', 'x'.repeat(10_000)]) {
      const name = `${newName()}${suffix}`;
      new AsyncIterableBridgeHandler(newBus(name), () => [suffix]);
      assert.deepEqual(await collect(newCaller(name).getAsyncIterable()), [suffix]);
    }
  });

  it('refuses what is no name, and what is no listener', () => {
    for (const name of [undefined, null, 5, {}, Symbol('name')]) {
      assert.throws(() => createEventBus(name), {
        code: 'ERR_INVALID_ARG_TYPE',
        message: /"name"/,
      });
    }
    assert.throws(() => createEventBus(''), { code: 'ERR_INVALID_ARG_VALUE', message: /'name'/ });
    const bus = newBus(newName());
    for (const method of ['onRequest', 'onResponse', 'onRequestCancel']) {
      assert.throws(() => bus[method]({}), {
        code: 'ERR_INVALID_ARG_TYPE',
        message: /"listener"/,
      });
    }
  });
});

describe('several callers', () => {
  it('share one handler, each with ids of its own, and get only their own answers', async () => {
    const name = newName();
    serve(name);
    const callers = Array.from({ length: 5 }, () => newCaller(name));
    const answers = callers.flatMap((caller, label) =>
      [0, 1, 5].map((to) => collect(caller.getAsyncIterable({ how: 'count', to, label }))),
    );
    const expected = callers.flatMap((_, label) => [0, 1, 5].map((to) => labelled(label, to)));
    assert.deepEqual(await Promise.all(answers), expected);
  });

  it('cannot share one bus, as their ids are the same', async () => {
    const bus = newBus(newName());
    bus.emitRequest({ callArgs: 'one', id: 0 });
    assert.throws(() => bus.emitRequest({ callArgs: 'other', id: 0 }), {
      code: 'ERR_REQUEST_PENDING',
      message: /\b0\b/,
    });
    await bus.emitRequestCancel({ id: 0 });
    bus.emitRequest({ callArgs: 'again', id: 0 });
    await bus.emitRequestCancel({ id: 0 });
  });
});

describe('a handler', () => {
  it('gets the requests that were sent before there was one', async () => {
    const name = newName();
    const callers = [newCaller(name), newCaller(name)];
    const answers = callers.map((caller, label) =>
      collect(caller.getAsyncIterable({ how: 'count', to: 3, label })),
    );
    await turn();
    const { seen } = serve(name);
    assert.deepEqual(await Promise.all(answers), [labelled(0, 3), labelled(1, 3)]);
    assert.equal(seen.begun, 2);
  });

  it('never hears of a request that was left before', async () => {
    const name = newName();
    const caller = newCaller(name);
    const left = ask(caller, { how: 'count', to: 1 });
    await left.return();
    const { seen } = serve(name);
    assert.equal((await collect(caller.getAsyncIterable({ how: 'count', to: 1 }))).length, 1);
    assert.equal(seen.begun, 1);
  });

  it('is the only one of its name', async () => {
    const name = newName();
    const { bus } = serve(name);
    const other = newBus(name);
    const refused = { code: 'ERR_EVENT_BUS_IN_USE', message: /have a handler already/ };
    assert.throws(() => other.onRequest(() => {}), refused);
    bus.close();
    other.onRequest(() => {});
  });

  it('hears the requests with all its listeners', async () => {
    const bus = newBus(newName());
    const heard = [];
    for (const label of ['one', 'other']) {
      bus.onRequest(({ callArgs, id }) => {
        heard.push([label, callArgs]);
        bus.emitResponse({ type: done, id });
      });
    }
    assert.deepEqual(await eventsOf(bus, 'asked'), [{ type: done, id: 0 }]);
    assert.deepEqual(heard, [
      ['one', 'asked'],
      ['other', 'asked'],
    ]);
  });

  it('that throws fails the request, and gets the next one', async () => {
    const bus = newBus(newName());
    bus.onRequest(({ callArgs, id }) => {
      if (callArgs === 'throw') throw new RangeError('thrown');
      bus.emitResponse({ type: done, id });
    });
    const [{ type, error }] = await eventsOf(bus, 'throw', 7);
    assert.deepEqual([type, error.name, error.message], [errorType, 'RangeError', 'thrown']);
    assert.deepEqual((await eventsOf(bus, 'answer', 7)).at(-1), { type: done, id: 7 });
  });
});

/** The number of turns in which all possible progress happens. */
const QUIET_TURNS = 10;

async function quiet() {
  for (let turns = 0; turns < QUIET_TURNS; turns++) await turn();
}

describe('backpressure', () => {
  /** The most items on the way: the buffer of the Caller, a batch, and the channel. */
  const MOST_AHEAD = 3 * 1024;

  it('stops the handler of a consumer that stops, and no other', async () => {
    const name = newName();
    const { seen } = serve(name);
    const caller = newCaller(name);
    const stopped = ask(caller, { how: 'flood' });
    await stopped.next();
    let produced;
    do {
      produced = seen.produced;
      // These are answers to other requests of the same handler.
      const items = await collect(caller.getAsyncIterable({ how: 'count', to: 10, label: 'b' }));
      assert.deepEqual(items, labelled('b', 10));
    } while (seen.produced > produced);
    assert.ok(produced <= MOST_AHEAD, `${produced} produced`);
    for (let number = 1; number < 2 * MOST_AHEAD; number++) {
      assert.equal((await stopped.next()).value, number);
    }
    assert.ok(seen.produced <= 3 * MOST_AHEAD, `${seen.produced} produced`);
    await stopped.return();
    await until(() => seen.left === 1);
  });

  it('is told to a handler that emits by hand, by a promise', async () => {
    const name = newName();
    const bus = newBus(name);
    let emitted = 0;
    let hasEnded = false;
    bus.onRequest(async ({ id }) => {
      const emit = () => bus.emitResponse({ type: next, id, item: emitted++ });
      while ((await emit()) !== false);
      hasEnded = true;
    });
    const iterator = ask(newCaller(name, { capacity: 1 }));
    for (const most of [MOST_AHEAD, 2 * MOST_AHEAD]) {
      let before;
      do {
        before = emitted;
        await quiet();
      } while (emitted > before);
      assert.ok(emitted <= most, `${emitted} emitted`);
      for (let read = 0; read < MOST_AHEAD / 2; read++) await iterator.next();
    }
    await iterator.return();
    await until(() => hasEnded);
    assert.equal(await bus.emitResponse({ type: next, id: 0, item: 'late' }), false);
  });
});

describe('a requester that leaves', () => {
  for (const [how, leave] of [
    [
      'by break',
      async (iterable) => {
        for await (const _ of iterable) break;
      },
    ],
    [
      'by a throw',
      (iterable) =>
        assert.rejects(
          async () => {
            for await (const _ of iterable) throw new Error('leaves');
          },
          { message: 'leaves' },
        ),
    ],
    [
      'by return()',
      async (iterable) => {
        const iterator = iterable[Symbol.asyncIterator]();
        await iterator.next();
        await iterator.return();
      },
    ],
    [
      'by an AbortSignal',
      async (iterable) => {
        const controller = new AbortController();
        const { signal } = controller;
        const abort = async () => {
          for await (const _ of Readable.from(iterable, { signal })) controller.abort();
        };
        await assert.rejects(abort, { name: 'AbortError' });
      },
    ],
  ]) {
    it(`${how} ends the handler's generator`, async () => {
      const name = newName();
      const { handler, seen } = serve(name);
      const caller = newCaller(name);
      await leave(caller.getAsyncIterable({ how: 'flood' }));
      assert.equal(caller.pendingCount, 0);
      await until(() => seen.left === 1 && handler.iteratingCount === 0);
    });
  }

  it('does so while the handler has nothing to say', async () => {
    const name = newName();
    const { handler, seen } = serve(name);
    const iterator = ask(newCaller(name), { how: 'silence' });
    await iterator.next();
    const pending = iterator.next();
    await iterator.return();
    assert.deepEqual(await pending, { value: undefined, done: true });
    await until(() => seen.left === 1 && handler.iteratingCount === 0);
  });
});
