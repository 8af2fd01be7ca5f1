// A channel whose ends are in one thread: what feeds it, what bounds it and how it ends. That its iterator
// settles as a generator does is the oracle's matter, and other threads are channel-workers.test.mjs'.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as inNextTurn } from 'node:timers/promises';
import { AsyncIterableBridge, Channel } from 'async-iterable-bridge';
import { collectGarbage } from './support/garbage.mjs';
import { expectNoChannels } from './support/handles.mjs';
import { turn, until } from './support/ports.mjs';

expectNoChannels();

const DONE = { value: undefined, done: true };

function opened(options) {
  const channel = new Channel(options);
  return { channel, sender: channel.sender(), receiver: channel.receiver() };
}

async function collect(iterable) {
  const items = [];
  for await (const item of iterable) items.push(item);
  return items;
}

const pushAll = (sender, ...items) => items.map((item) => sender.push(item));

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

describe('backpressure', () => {
  it('is told by push(), which takes the item all the same', async () => {
    const { sender, receiver } = opened({ capacity: 2 });
    assert.deepEqual(pushAll(sender, 'a', 'b', 'c'), [true, false, false]);
    sender.done();
    assert.deepEqual(await collect(receiver), ['a', 'b', 'c']);
  });

  it('makes send() wait for room, in call order', async () => {
    const { sender, receiver } = opened({ capacity: 1 });
    const settled = [];
    const sends = ['a', 'b', 'c'].map((item) => sender.send(item).then(() => settled.push(item)));
    await turn();
    assert.deepEqual(settled, ['a']);
    assert.deepEqual(await receiver.next(), { value: 'a', done: false });
    await sends[1];
    assert.deepEqual(settled, ['a', 'b']);
    assert.deepEqual(await receiver.next(), { value: 'b', done: false });
    await sends[2];
    assert.deepEqual(await receiver.next(), { value: 'c', done: false });
    await receiver.return();
  });

  it('makes ready() wait for room', async () => {
    const { sender, receiver } = opened({ capacity: 1 });
    assert.equal(await sender.ready(), true);
    sender.push('a');
    const ready = sender.ready();
    await until(() => receiver.stats.producerWaits === 1);
    await receiver.next();
    assert.equal(await ready, true);
    await receiver.return();
  });

  it('counts bytes, of which one item may be more than the bound', async () => {
    const { sender, receiver } = opened({ maxBytes: 1000 });
    assert.deepEqual(pushAll(sender, new Uint8Array(400), new Uint8Array(700)), [true, false]);
    await receiver.next();
    assert.equal(await sender.ready(), true);
    assert.equal(sender.push(new Uint8Array(50_000)), false);
    const [, large] = [await receiver.next(), await receiver.next()];
    assert.equal(large.value.length, 50_000);
    await receiver.return();
  });

  it('bounds several senders together', async () => {
    const channel = new Channel({ capacity: 4, senders: 3 });
    const senders = [channel.sender(), channel.sender(), channel.sender()];
    const receiver = channel.receiver();
    let sent = 0;
    const sends = senders.flatMap((sender) =>
      Array.from({ length: 10 }, () => sender.send('item').then(() => sent++)),
    );
    await until(() => receiver.stats.producerWaits > 0);
    await turn();
    assert.equal(receiver.stats.buffered, 4);
    assert.equal(sent, 4);
    const received = [];
    while (received.length < 30) received.push((await receiver.next()).value);
    await Promise.all(sends);
    for (const sender of senders) sender.done();
    assert.deepEqual(await receiver.next(), DONE);
  });

  it('throws ERR_QUEUE_FULL and takes nothing, where that is the policy', async () => {
    const { sender, receiver } = opened({ capacity: 2, overflow: 'error' });
    pushAll(sender, 'a', 'b');
    assert.throws(() => sender.push('c'), { code: 'ERR_QUEUE_FULL' });
    await assert.rejects(sender.send('c'), { code: 'ERR_QUEUE_FULL' });
    sender.done();
    assert.deepEqual(await collect(receiver), ['a', 'b']);
  });

  it('drops the newest items, where that is the policy', async () => {
    const { sender, receiver } = opened({ capacity: 2, overflow: 'drop-newest' });
    assert.deepEqual(pushAll(sender, 'a', 'b', 'c'), [true, false, false]);
    assert.equal(await sender.send('d'), true);
    sender.done();
    assert.deepEqual(await collect(receiver), ['a', 'b']);
    assert.equal(receiver.stats.dropped, 2);
    assert.equal(receiver.stats.pushed, 4);
  });

  it('drops the oldest items, where that is the policy, in one turn and over several', async () => {
    const { sender, receiver } = opened({ capacity: 3, overflow: 'drop-oldest' });
    pushAll(sender, ...Array(10).keys());
    await turn();
    assert.equal(receiver.stats.buffered, 3);
    pushAll(sender, 10, 11);
    sender.done();
    assert.deepEqual(await collect(receiver), [9, 10, 11]);
    assert.equal(receiver.stats.dropped, 9);
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

describe('the end', () => {
  it('comes with the last of the senders', async () => {
    const channel = new Channel({ senders: 2 });
    const [one, other] = [channel.sender(), channel.sender()];
    one.push(1);
    one.done();
    one.done();
    await turn();
    other.push(2);
    other.done();
    assert.deepEqual(await collect(channel.receiver()), [1, 2]);
  });

  it('comes after what was pushed, and refuses what comes later', async () => {
    const { sender, receiver } = opened({ capacity: 1 });
    sender.push('item');
    const [sent, ready] = [sender.send('waiting'), sender.ready()];
    sender.done();
    assert.equal(await ready, false);
    assert.equal(sender.push('late'), false);
    assert.equal(await sender.send('late'), false);
    assert.equal(await sender.ready(), false);
    assert.deepEqual(await collect(receiver), ['item', 'waiting']);
    assert.equal(await sent, true);
  });

  it('comes after every send() that nobody has awaited', async () => {
    const { sender, receiver } = opened({ capacity: 16 });
    const sent = Array.from({ length: 1000 }, (_, number) => sender.send(number));
    sender.done();
    assert.deepEqual(await collect(receiver), [...Array(1000).keys()]);
    assert.ok((await Promise.all(sent)).every((wasTaken) => wasTaken));
  });

  it('refuses what waits for room when it is a failure', async () => {
    const { sender, receiver } = opened({ capacity: 1 });
    sender.push('item');
    const sent = sender.send('waiting');
    sender.fail('reason');
    assert.equal(await sent, false);
    assert.deepEqual(await receiver.next(), { value: 'item', done: false });
    await assert.rejects(receiver.next(), (reason) => reason === 'reason');
  });

  it('is a failure with its class, message, code, cause and properties', async () => {
    class OddError extends Error {}
    const { sender, receiver } = opened();
    sender.push('item');
    const cause = new RangeError('below');
    const reason = Object.assign(new OddError('above', { cause }), { code: 'ERR_ODD', odd: [1] });
    sender.fail(reason);
    assert.deepEqual(await receiver.next(), { value: 'item', done: false });
    await assert.rejects(receiver.next(), (error) => {
      assert.ok(error instanceof Error);
      const { name, message, code, odd, stack } = error;
      assert.deepEqual(
        { name, message, code, odd, stack },
        { name: 'OddError', message: 'above', code: 'ERR_ODD', odd: [1], stack: reason.stack },
      );
      assert.ok(error.cause instanceof RangeError);
      assert.equal(error.cause.message, 'below');
      return true;
    });
    assert.deepEqual(await receiver.next(), DONE);
    assert.equal(receiver.stats.state, 'failed');
  });

  it('stops the other senders, if it is a failure', async () => {
    const channel = new Channel({ senders: 2 });
    const [failing, other] = [channel.sender(), channel.sender()];
    failing.fail('reason');
    await until(() => other.signal.aborted);
    assert.equal(other.push('late'), false);
    await assert.rejects(collect(channel.receiver()), (reason) => reason === 'reason');
  });

  it('is ERR_PRODUCER_TERMINATED when the sender is forgotten', async () => {
    const channel = new Channel();
    const receiver = channel.receiver();
    (() => channel.sender().push('item'))();
    assert.deepEqual(await receiver.next(), { value: 'item', done: false });
    const next = receiver.next();
    let outcome;
    next.catch((error) => {
      outcome = error;
    });
    await until(() => {
      collectGarbage();
      return outcome !== undefined;
    });
    assert.equal(outcome.code, 'ERR_PRODUCER_TERMINATED');
  });
});

describe('a receiver that leaves', () => {
  it('aborts the signal of its senders, and settles whoever waits', async () => {
    const { sender, receiver } = opened({ capacity: 1 });
    const { signal } = sender;
    sender.push('item');
    const [sent, ready] = [sender.send('waiting'), sender.ready()];
    for await (const item of receiver) {
      assert.equal(item, 'item');
      break;
    }
    assert.deepEqual([await sent, await ready], [false, false]);
    assert.equal(signal.aborted, true);
    assert.equal(sender.push('late'), false);
    assert.equal(receiver.stats.state, 'cancelled');
  });

  it('settles who sends before it can have heard of it', async () => {
    for (const overflow of ['block', 'drop-oldest', 'drop-newest', 'error']) {
      const { sender, receiver } = opened({ overflow });
      receiver.return();
      assert.equal(await sender.ready(), false);
      assert.equal(await sender.send('late'), false);
      const other = opened({ overflow });
      other.receiver.return();
      assert.equal(await other.sender.send('late'), false);
    }
  });

  it('has left before the sender is opened', async () => {
    const channel = new Channel();
    await channel.receiver().return();
    const sender = channel.sender();
    assert.equal(sender.signal.aborted, true);
    assert.equal(await sender.send('late'), false);
  });

  it('leaves nothing to keep, though senders were still expected', async () => {
    for (let channels = 0; channels < 2000; channels++) new Channel().receiver().return();
  });

  it('does so when the signal is asked for later', async () => {
    const { sender, receiver } = opened();
    await receiver.return();
    await until(() => sender.push('late') === false);
    assert.equal(sender.signal.aborted, true);
  });

  it('leaves when it is forgotten', async () => {
    const channel = new Channel();
    const sender = channel.sender();
    (() => channel.receiver())();
    await until(() => {
      collectGarbage();
      return sender.signal.aborted;
    });
  });

  it('leaves when the signal of the channel aborts, with its reason', async () => {
    const controller = new AbortController();
    const { sender, receiver } = opened({ signal: controller.signal });
    const reason = { some: 'reason' };
    const next = receiver.next();
    controller.abort(reason);
    await assert.rejects(next, (rejected) => rejected === reason);
    await until(() => sender.signal.aborted);
  });

  it('never starts when the signal was aborted before', async () => {
    const { sender, receiver } = opened({ signal: AbortSignal.abort('beforehand') });
    assert.equal(sender.push('late'), false);
    await assert.rejects(receiver.next(), (reason) => reason === 'beforehand');
    assert.deepEqual(await receiver.next(), DONE);
  });
});

describe('items beyond the bounds', () => {
  it('hold nobody back once they were read', async () => {
    const { sender, receiver } = opened({ capacity: 1 });
    for (let item = 0; item < 10_000; item++) sender.push(item);
    for (let item = 0; item < 10_000; item++) assert.equal((await receiver.next()).value, item);
    let turns = 0;
    const ready = sender.ready();
    ready.then(() => {
      turns = -turns;
    });
    while (turns >= 0 && turns < 100) {
      turns++;
      await turn();
    }
    assert.ok(turns < 0, 'there is room within a few turns');
    assert.equal(await ready, true);
    sender.done();
  });
});

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
