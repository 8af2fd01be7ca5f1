// The bounds of a channel whose ends are in one thread, and the treatment of items beyond the bounds.
// channel-workers.test.mjs tests several threads.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Channel } from 'async-iterable-bridge';
import { collect, DONE, opened, pushAll } from '../support/channels.mjs';
import { expectNoChannels } from '../support/handles.mjs';
import { turn, until } from '../support/scripted-streams.mjs';

expectNoChannels();

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
