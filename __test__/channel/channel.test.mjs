// The items that cross a channel whose ends are in one thread, and those that it refuses. Its bounds and its end have
// files of their own; oracle.test.mjs checks that its iterator settles as a generator does, and
// channel-workers.test.mjs tests other threads.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as inNextTurn } from 'node:timers/promises';
import { AsyncIterableBridge, Channel } from 'async-iterable-bridge';
import { collect, DONE, opened, pushAll } from '../support/channels.mjs';
import { expectNoChannels } from '../support/handles.mjs';
import { turn } from '../support/scripted-streams.mjs';

/** The shortest WebAssembly module. */
const MODULE = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

expectNoChannels();

describe('a channel', () => {
  it('carries items of every kind, in order, as copies', async () => {
    const { sender, receiver } = opened();
    const shared = { name: 'shared' };
    const items = [
      ...[0, -0, 0.5, Number.NaN, 2 ** 53, '', 'text', '\ud800', true, false, null, undefined],
      ...[10n, 2n ** 80n, new Date(5), /x/g, new Map([[1, new Set([2])]])],
      ...[
        new Uint8Array([1, 2]),
        Buffer.from('bytes'),
        new Float64Array([0.5]),
        new ArrayBuffer(3),
      ],
      ...[[1, ['two', { three: 3 }]], { a: 1, b: { c: [new Uint8Array(3)] } }, [shared, shared]],
    ];
    pushAll(sender, ...items);
    sender.done();
    const received = await collect(receiver);
    assert.deepEqual(received, items);
    const [one, other] = received.at(-1);
    assert.equal(one, other);
    assert.notEqual(one, shared);
  });

  it('takes an item as it was when it was pushed', async () => {
    const { sender, receiver } = opened();
    const item = { count: 1, bytes: new Uint8Array([1]) };
    sender.push(item);
    item.count = 2;
    item.bytes[0] = 2;
    assert.deepEqual(await receiver.next(), {
      value: { count: 1, bytes: new Uint8Array([1]) },
      done: false,
    });
    await receiver.return();
  });

  it('lets what one turn has pushed cross at once, with one wake', async () => {
    const { sender, receiver } = opened();
    const batches = receiver.batches();
    const first = batches.next();
    pushAll(sender, ...Array(500).keys());
    assert.equal((await first).value.length, 500);
    assert.equal(receiver.stats.wakes, 1);
    await receiver.return();
  });

  it('is one batch for a loop that awaits send()', async () => {
    const { sender, receiver } = opened();
    const first = receiver.batches().next();
    for (let item = 0; item < 100; item++) assert.equal(await sender.send(item), true);
    assert.equal((await first).value.length, 100);
    await receiver.return();
  });

  it('gives a stream like any other', async () => {
    const { channel, sender, receiver } = opened({ capacity: 7 });
    assert.ok(receiver instanceof AsyncIterableBridge);
    assert.equal(receiver.stats.capacity, 7);
    assert.equal(receiver.stats.state, 'idle');
    sender.push('item');
    await turn();
    assert.equal(receiver.stats.buffered, 1);
    assert.ok(receiver.stats.bufferedBytes > 0);
    assert.equal(typeof channel.handle, 'string');
    sender.done();
    assert.deepEqual(await collect(receiver), ['item']);
    const { state, pushed, delivered } = receiver.stats;
    assert.deepEqual({ state, pushed, delivered }, { state: 'closed', pushed: 1, delivered: 1 });
  });
});

describe('an item that cannot be cloned', () => {
  it('rejects its send() or throws from its push(), and the channel lives on', async () => {
    const { sender, receiver } = opened();
    sender.push('before');
    const uncloneable = { deep: [1, { function: () => {} }] };
    await assert.rejects(sender.send(uncloneable), { name: 'DataCloneError' });
    assert.throws(() => sender.push(uncloneable), { name: 'DataCloneError' });
    assert.throws(() => sender.push(Symbol('symbol')), { name: 'DataCloneError' });
    sender.push('after');
    sender.done();
    assert.deepEqual(await collect(receiver), ['before', 'after']);
  });

  it('is also one that an engine would write and could not read', async () => {
    const module = new WebAssembly.Module(MODULE);
    let deep = {};
    for (let level = 0; level < 2600; level++) deep = { deep };
    const unlike = Object.setPrototypeOf(new WebAssembly.Module(MODULE), null);
    for (const uncloneable of [module, [{ module }], unlike, deep, new Map([[1, deep]])]) {
      const { sender, receiver } = opened();
      sender.push('before');
      await assert.rejects(sender.send(uncloneable), { name: 'DataCloneError' });
      assert.throws(() => sender.push(uncloneable), { name: 'DataCloneError' });
      sender.push('after');
      sender.done();
      assert.deepEqual(await collect(receiver), ['before', 'after']);
    }
  });

  it('rejects its send() also when it has waited for room', async () => {
    const { sender, receiver } = opened({ capacity: 1 });
    sender.push('before');
    const sent = sender.send(() => {});
    const next = sender.send('after');
    assert.deepEqual(await receiver.next(), { value: 'before', done: false });
    await assert.rejects(sent, { name: 'DataCloneError' });
    assert.equal(await next, true);
    assert.deepEqual(await receiver.next(), { value: 'after', done: false });
    await receiver.return();
  });
});

describe('an item that is a promise', () => {
  it('keeps its place until it has settled', async () => {
    const { sender, receiver } = opened();
    const { promise, resolve } = Promise.withResolvers?.() ?? withResolvers();
    const behind = { count: 1 };
    pushAll(sender, 'first', promise, behind);
    behind.count = 2;
    const sent = sender.send('last');
    sender.done();
    assert.deepEqual(await receiver.next(), { value: 'first', done: false });
    resolve('second');
    assert.deepEqual(await collect(receiver), ['second', { count: 1 }, 'last']);
    assert.equal(await sent, true);
  });

  it('takes room until it has settled and was read', async () => {
    const { sender, receiver } = opened({ capacity: 1 });
    sender.push(inNextTurn('first'));
    const sent = sender.send('second');
    assert.deepEqual(await receiver.next(), { value: 'first', done: false });
    assert.equal(await sent, true);
    assert.deepEqual(await receiver.next(), { value: 'second', done: false });
    await receiver.return();
  });

  it('gives its room to who waits, if it cannot be cloned', async () => {
    const { sender, receiver } = opened({ capacity: 1 });
    const refused = sender.send(Promise.resolve(() => {}));
    const sent = sender.send('next');
    await assert.rejects(refused, { name: 'DataCloneError' });
    assert.equal(await sent, true);
    assert.deepEqual(await receiver.next(), { value: 'next', done: false });
    await receiver.return();
  });

  it('fails the channel where it would have come, if it rejects', async () => {
    const { sender, receiver } = opened();
    pushAll(sender, 'first', Promise.reject(new Error('rejected')), 'lost');
    assert.deepEqual(await receiver.next(), { value: 'first', done: false });
    await assert.rejects(receiver.next(), { message: 'rejected' });
    assert.equal(sender.push('late'), false);
    assert.deepEqual(await receiver.next(), DONE);
  });

  it('rejects its send(), if what it resolves with cannot be cloned', async () => {
    const { sender, receiver } = opened();
    await assert.rejects(sender.send(Promise.resolve(() => {})), { name: 'DataCloneError' });
    sender.push('next');
    assert.deepEqual(await receiver.next(), { value: 'next', done: false });
    await receiver.return();
  });

  it('fails the channel, if it was pushed and resolves with what cannot be cloned', async () => {
    const { sender, receiver } = opened();
    sender.push(Promise.resolve(() => {}));
    await assert.rejects(receiver.next(), { name: 'DataCloneError' });
  });
});

function withResolvers() {
  const resolvers = {};
  resolvers.promise = new Promise((resolve, reject) =>
    Object.assign(resolvers, { resolve, reject }),
  );
  return resolvers;
}

describe('a getter of an item', () => {
  it('may end the channel, which ends behind the item', async () => {
    const ends = [
      [
        (sender) => sender.done(),
        async (receiver) => assert.deepEqual(await receiver.next(), DONE),
      ],
      [
        (sender) => sender.fail('failed'),
        (receiver) => assert.rejects(receiver.next(), (reason) => reason === 'failed'),
      ],
    ];
    for (const [end, expectEnd] of ends) {
      for (const before of [[], ['before']]) {
        for (const rest of [{}, { map: new Map([[1, 2]]) }]) {
          const { sender, receiver } = opened();
          pushAll(sender, ...before);
          const item = {
            ...rest,
            get ended() {
              end(sender);
              return true;
            },
          };
          assert.equal(sender.push(item), false);
          assert.equal(sender.push('late'), false);
          for (const value of [...before, { ...rest, ended: true }]) {
            assert.deepEqual(await receiver.next(), { value, done: false });
          }
          await expectEnd(receiver);
        }
      }
    }
  });

  it('may end the channel and throw', async () => {
    const { sender, receiver } = opened();
    pushAll(sender, 'before');
    const item = {
      get ended() {
        sender.done();
        throw new RangeError('of the getter');
      },
    };
    assert.throws(() => sender.push(item), RangeError);
    assert.deepEqual(await collect(receiver), ['before']);
  });

  it('may wait for room', async () => {
    const { sender, receiver } = opened({ capacity: 1 });
    pushAll(sender, 'before');
    let ready;
    sender.push({
      get waits() {
        ready = sender.ready();
        return true;
      },
    });
    assert.equal((await receiver.next()).value, 'before');
    assert.deepEqual((await receiver.next()).value, { waits: true });
    assert.equal(await ready, true);
    sender.done();
  });

  it('may ask for what has ended while others wait, who keep their turn', async () => {
    const { sender, receiver } = opened({ capacity: 2 });
    const other = opened();
    pushAll(sender, 0, 1);
    const asking = {
      get hasEnded() {
        return sender.signal.aborted;
      },
    };
    const promised = Promise.resolve('b');
    const sent = [asking, promised, 'c', 'd'].map((item) => sender.send(item));
    await other.receiver.return();
    sender.done();
    assert.deepEqual(await collect(receiver), [0, 1, { hasEnded: false }, 'b', 'c', 'd']);
    assert.deepEqual(await Promise.all(sent), [true, true, true, true]);
  });

  it('may fail another channel, and the item be refused, without holding up what came before', async () => {
    const { sender, receiver } = opened();
    const other = opened();
    const next = receiver.next();
    sender.push('before');
    const refused = {
      get fails() {
        other.sender.fail('failed');
        return () => {};
      },
    };
    assert.throws(() => sender.push(refused), { name: 'DataCloneError' });
    assert.deepEqual(await next, { value: 'before', done: false });
    await assert.rejects(other.receiver.next(), (reason) => reason === 'failed');
    sender.done();
  });

  it('may make the consumer leave, which push() then says', async () => {
    const { sender, receiver } = opened();
    const item = {
      get leaves() {
        receiver.return();
        return true;
      },
    };
    assert.equal(sender.push(item), false);
    assert.equal(sender.push('late'), false);
  });

  it('may find that the consumer has left', async () => {
    const { sender, receiver } = opened({ capacity: 1 });
    pushAll(sender, 'before');
    await turn();
    let ready;
    sender.push({
      get leaves() {
        receiver.return();
        ready = sender.ready();
        return true;
      },
    });
    assert.equal(await ready, false);
    assert.equal(await sender.send('late'), false);
    assert.equal(sender.signal.aborted, true);
  });
});

describe('bad input', () => {
  it('is refused by name', () => {
    const invalid = (options, code, name) =>
      assert.throws(
        () => new Channel(options),
        (error) => {
          assert.equal(error.code, code);
          assert.match(error.message, new RegExp(`"${name}"|'${name}'`));
          return true;
        },
      );
    invalid(5, 'ERR_INVALID_ARG_TYPE', 'options');
    invalid({ capacity: 0 }, 'ERR_OUT_OF_RANGE', 'options.capacity');
    invalid({ senders: 0 }, 'ERR_OUT_OF_RANGE', 'options.senders');
    invalid({ senders: 1.5 }, 'ERR_OUT_OF_RANGE', 'options.senders');
    invalid({ senders: 'two' }, 'ERR_INVALID_ARG_TYPE', 'options.senders');
    invalid({ overflow: 'wait' }, 'ERR_INVALID_ARG_VALUE', 'options.overflow');
  });

  it('is a handle that is none, forged or stale', async () => {
    for (const handle of [undefined, null, 5, {}]) {
      assert.throws(() => Channel.from(handle), { code: 'ERR_INVALID_ARG_TYPE' });
    }
    assert.throws(() => Channel.from('channel'), { code: 'ERR_INVALID_ARG_VALUE' });
    const forged = 'channel:00000000-0000-4000-8000-000000000000';
    assert.throws(() => Channel.from(forged), { code: 'ERR_CHANNEL_NOT_FOUND' });
    const { channel, sender, receiver } = opened();
    sender.done();
    assert.deepEqual(await receiver.next(), DONE);
    assert.throws(() => Channel.from(channel.handle), { code: 'ERR_CHANNEL_NOT_FOUND' });
    assert.throws(() => channel.sender(), { code: 'ERR_CHANNEL_NOT_FOUND' });
    assert.throws(() => channel.receiver(), { code: 'ERR_CHANNEL_NOT_FOUND' });
  });

  it('is an end that is opened once too often', async () => {
    const { channel, sender, receiver } = opened();
    const again = Channel.from(channel.handle);
    for (const each of [channel, again]) {
      assert.throws(() => each.sender(), { code: 'ERR_CHANNEL_IN_USE' });
      assert.throws(() => each.receiver(), { code: 'ERR_CHANNEL_IN_USE' });
    }
    sender.done();
    assert.deepEqual(await receiver.next(), DONE);
  });
});
