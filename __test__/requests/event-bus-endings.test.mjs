// The ends of requests over the event bus of channels, also when a bus is closed. Both sides are in one thread;
// event-bus-workers.test.mjs tests threads that end.

import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import { afterEach, describe, it } from 'node:test';
import { AsyncIterableBridgeCaller, AsyncIterableBridgeHandler } from 'async-iterable-bridge';
import { HandWrittenCaller } from '../../benchmark/peers/bridges/hand-written-caller.mjs';
import { HandWrittenHandler } from '../../benchmark/peers/bridges/hand-written-handler.mjs';
import { ask, collect, count, numbered } from '../support/buses.mjs';
import { closeAll, newBus, newCaller, newName, serve } from '../support/event-bus.mjs';
import { expectNoChannels } from '../support/handles.mjs';
import { until } from '../support/scripted-streams.mjs';
import { sendUnreadable } from '../support/unreadable.mjs';

const { openRequestChannel } = createRequire(import.meta.url)('../../lib/channel/channel.js');

const END = 'async-iterable-bridge:stream:end';

function isInUse(handle) {
  try {
    handle();
    return false;
  } catch ({ code }) {
    return code === 'ERR_EVENT_BUS_IN_USE';
  }
}

afterEach(closeAll);
expectNoChannels();

describe('what cannot cross', () => {
  it('fails the request whose arguments it is among', async () => {
    const name = newName();
    const { seen } = serve(name);
    const caller = newCaller(name);
    const uncloneable = { how: 'count', to: 1, callback: () => {} };
    await assert.rejects(collect(caller.getAsyncIterable(uncloneable)), {
      name: 'DataCloneError',
    });
    assert.equal(caller.pendingCount, 0);
    await collect(caller.getAsyncIterable({ how: 'count', to: 1 }));
    assert.equal(seen.begun, 1);
  });

  it('fails the response whose item it is, after the items before', async () => {
    const name = newName();
    const { handler, seen } = serve(name);
    const iterator = ask(newCaller(name), { how: 'uncloneable' });
    assert.deepEqual(await iterator.next(), { value: 'before', done: false });
    await assert.rejects(iterator.next(), { name: 'DataCloneError', message: /clone/ });
    await until(() => seen.left === 1 && handler.iteratingCount === 0);
  });

  it('is also what an engine would write and could not read', async () => {
    const module = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
    let deep = {};
    for (let level = 0; level < 2600; level++) deep = { deep };
    const name = newName();
    new AsyncIterableBridgeHandler(newBus(name), async function* ({ item }) {
      yield 'served';
      if (item === 'module') yield module;
      if (item === 'deep') yield { deep };
    });
    const caller = newCaller(name);
    const refusal = { name: 'DataCloneError' };
    for (const callArgs of [{ module }, { deep }]) {
      await assert.rejects(collect(caller.getAsyncIterable(callArgs)), refusal);
      assert.deepEqual(await collect(caller.getAsyncIterable({})), ['served']);
    }
    for (const item of ['module', 'deep']) {
      const iterator = ask(caller, { item });
      assert.deepEqual(await iterator.next(), { value: 'served', done: false });
      await assert.rejects(iterator.next(), refusal);
    }
    assert.deepEqual(await collect(caller.getAsyncIterable({})), ['served']);
  });

  it('arrives as text, if it is the reason of a failure', async () => {
    const name = newName();
    new AsyncIterableBridgeHandler(newBus(name), () => {
      throw { hook: () => {} };
    });
    await assert.rejects(collect(newCaller(name).getAsyncIterable()), {
      code: 'ERR_UNCLONEABLE_REASON',
      message: /hook: \[Function: hook\]/,
    });
  });
});

describe('a request that cannot be read', () => {
  it('fails those that come with it, and later ones are served', async () => {
    const name = newName();
    const { seen } = serve(name);
    const caller = newCaller(name);
    assert.equal((await collect(caller.getAsyncIterable({ how: 'count', to: 1 }))).length, 1);
    const begun = ask(caller, { how: 'flood' });
    assert.equal((await begun.next()).value, 0);
    const handle = openRequestChannel(name, (channel) => channel.handle);
    for (let times = 0; times < 2; times++) {
      sendUnreadable(openRequestChannel(name, (channel) => channel.handle));
      const behind = ask(caller, { how: 'count', to: 1 });
      await assert.rejects(behind.next(), { code: 'ERR_PRODUCER_TERMINATED' });
      assert.equal((await collect(caller.getAsyncIterable({ how: 'count', to: 2 }))).length, 2);
    }
    assert.notEqual(
      openRequestChannel(name, (channel) => channel.handle),
      handle,
    );
    assert.equal((await begun.next()).value, 1);
    await begun.return();
    await until(() => seen.left === 1);
  });

  it('may be the end of its handler, if another one is faster, and does not silence it', async () => {
    const name = newName();
    const [slow, fast] = [newBus(name), newBus(name)];
    slow.onRequest(() => {});
    sendUnreadable(openRequestChannel(name, (channel) => channel.handle));
    await new Promise((resolve) => {
      const takeOver = () => {
        unsubscribe(END, takeOver);
        fast.onRequest(() => {});
        resolve();
      };
      subscribe(END, takeOver);
    });
    await until(() => isInUse(() => slow.onRequest(() => {})));
    fast.close();
    slow.onRequest(({ id }) => slow.emitResponse({ id, type: 'iterator.done' }));
    assert.deepEqual(await collect(newCaller(name).getAsyncIterable()), []);
  });
});

describe('an error', () => {
  it('arrives with its class, message, code, cause and properties, after the items', async () => {
    const name = newName();
    serve(name);
    const iterator = ask(newCaller(name), { how: 'fail' });
    assert.deepEqual(await iterator.next(), { value: 'before', done: false });
    await assert.rejects(iterator.next(), (reason) => {
      assert.ok(reason instanceof TypeError);
      const { name: className, message, code, details, cause } = reason;
      assert.deepEqual(
        { className, message, code, details },
        {
          className: 'OddError',
          message: 'above',
          code: 'ERR_ODD',
          details: { list: [1, 2n] },
        },
      );
      assert.ok(cause instanceof RangeError);
      assert.deepEqual([cause.message, cause.code], ['below', 'ERR_BELOW']);
      return true;
    });
    assert.deepEqual(await iterator.next(), { value: undefined, done: true });
  });

  it('may be any value', async () => {
    for (const reason of [undefined, null, 0, '', 'text', { a: [1] }]) {
      const name = newName();
      new AsyncIterableBridgeHandler(newBus(name), () => {
        throw reason;
      });
      await assert.rejects(collect(newCaller(name).getAsyncIterable()), (rejected) => {
        assert.deepEqual(rejected, reason);
        return true;
      });
    }
  });
});

describe('a bus that is closed', () => {
  const closed = { code: 'ERR_EVENT_BUS_CLOSED' };
  const terminated = { code: 'ERR_PRODUCER_TERMINATED' };

  it('sends and handles no more requests', async () => {
    const name = newName();
    const { bus } = serve(name);
    const callingBus = newBus(name);
    for (const each of [bus, callingBus]) {
      each.close();
      each.close();
      assert.throws(() => each.emitRequest({ callArgs: undefined, id: 0 }), closed);
      assert.throws(() => each.onRequest(() => {}), closed);
    }
    const caller = newCaller(name);
    const waiting = ask(caller, { how: 'count', to: 1 });
    assert.equal(caller.pendingCount, 1);
    serve(name);
    assert.equal((await waiting.next()).value.number, 0);
    await waiting.return();
  });

  it('lets responses go on that have begun, on both sides', async () => {
    const name = newName();
    const { bus, seen } = serve(name);
    const callingBus = newBus(name);
    const iterator = ask(new AsyncIterableBridgeCaller(callingBus), { how: 'flood' });
    await iterator.next();
    bus.close();
    callingBus.close();
    for (let number = 1; number < 5000; number++) {
      assert.equal((await iterator.next()).value, number);
    }
    await iterator.return();
    await until(() => seen.left === 1);
  });

  it('fails the requests that have come and have not begun', async () => {
    const name = newName();
    const { bus, seen } = serve(name);
    const caller = newCaller(name);
    const iterator = ask(caller, { how: 'count', to: 1 });
    bus.close();
    await assert.rejects(iterator.next(), terminated);
    assert.deepEqual([caller.pendingCount, seen.begun], [0, 0]);
  });

  it('still hears that the handler of its requests has gone', async () => {
    const name = newName();
    const callingBus = newBus(name);
    const waiting = ask(new AsyncIterableBridgeCaller(callingBus));
    callingBus.close();
    const handlingBus = newBus(name);
    handlingBus.onRequest(() => {});
    handlingBus.close();
    await assert.rejects(waiting.next(), terminated);
  });

  it('leaves the name to the next handler, at once', async () => {
    const name = newName();
    const caller = newCaller(name);
    const request = () => collect(caller.getAsyncIterable());
    for (const label of ['first', 'second', 'third']) {
      const bus = newBus(name);
      new AsyncIterableBridgeHandler(bus, () => [label]);
      assert.deepEqual(await request(), [label]);
      bus.close();
    }
    const last = newBus(name);
    new AsyncIterableBridgeHandler(last, () => ['last']);
    last.close();
    const waiting = request();
    new AsyncIterableBridgeHandler(newBus(name), () => ['next']);
    assert.deepEqual(await waiting, ['next']);
  });
});

describe('halves that are written by hand', () => {
  for (const [description, connect] of [
    [
      'a caller',
      (name, handler) => {
        new AsyncIterableBridgeHandler(newBus(name), handler);
        return new HandWrittenCaller(newBus(name));
      },
    ],
    [
      'a handler',
      (name, handler) => {
        new HandWrittenHandler(newBus(name), handler);
        return newCaller(name);
      },
    ],
    [
      'both',
      (name, handler) => {
        new HandWrittenHandler(newBus(name), handler);
        return new HandWrittenCaller(newBus(name));
      },
    ],
  ]) {
    it(`work as ever: ${description}`, async () => {
      let left = 0;
      const caller = connect(newName(), async function* ({ to, reason }) {
        try {
          yield* count({ to });
          if (reason !== undefined) throw new RangeError(reason);
        } finally {
          left++;
        }
      });
      const lengths = [0, 1, 5, 3000];
      const answers = lengths.map((to) => collect(caller.getAsyncIterable({ to })));
      assert.deepEqual(await Promise.all(answers), lengths.map(numbered));
      const failing = ask(caller, { to: 1, reason: 'fails' });
      assert.deepEqual(await failing.next(), { value: { number: 0 }, done: false });
      await assert.rejects(failing.next(), { name: 'RangeError', message: 'fails' });
      left = 0;
      for await (const { number } of caller.getAsyncIterable({ to: 1e9 })) if (number === 10) break;
      await until(() => left === 1);
    });
  }
});
