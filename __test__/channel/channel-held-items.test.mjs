// Items that a sender holds behind a promise: their bounds, their order and the results of their calls.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Channel } from 'async-iterable-bridge';
import { collect, DONE, opened, pushAll } from '../support/channels.mjs';
import { expectNoChannels } from '../support/handles.mjs';
import { settled, turns, withResolvers } from '../support/promises.mjs';

const MEBIBYTE = 1 << 20;
const LARGE = 600_000;

expectNoChannels();

describe('items behind a promise that is pending', () => {
  it('count against maxBytes, and make send() wait', async () => {
    const { sender, receiver } = opened({ maxBytes: MEBIBYTE });
    const { promise, resolve } = withResolvers();
    sender.send(promise);
    const sends = [];
    for (let count = 0; count < 50; count++) sends.push(sender.send(new Uint8Array(LARGE)));
    await turns(10);
    resolve('first');
    await turns(10);
    assert.equal(receiver.stats.buffered, 3);
    assert.ok(receiver.stats.bufferedBytes < MEBIBYTE + LARGE);
    assert.equal(await settled(sends[2]), undefined);
    sender.done();
    assert.equal((await collect(receiver)).length, 51);
    assert.ok((await Promise.all(sends)).every((isTaken) => isTaken));
  });

  it('count against capacity and maxBytes, which push() and ready() say', async () => {
    const limits = [{ capacity: 3 }, { maxBytes: MEBIBYTE }];
    for (const limit of limits) {
      const { sender, receiver } = opened(limit);
      const { promise, resolve } = withResolvers();
      const item = new Uint8Array(LARGE);
      assert.deepEqual(pushAll(sender, promise, item, item), [true, true, false]);
      await turns(3);
      const ready = sender.ready();
      assert.equal(await settled(ready), undefined);
      resolve('first');
      const received = [];
      for (let count = 0; count < 3; count++) received.push((await receiver.next()).value);
      assert.deepEqual(received, ['first', item, item]);
      assert.equal(await ready, true);
      sender.done();
      assert.deepEqual(await receiver.next(), DONE);
    }
  });

  it('stay within the bounds together with those of other senders', async () => {
    const channel = new Channel({ capacity: 6, maxBytes: MEBIBYTE, senders: 2 });
    const [holding, other] = [channel.sender(), channel.sender()];
    const receiver = channel.receiver();
    const { promise, resolve } = withResolvers();
    holding.push(promise);
    while (holding.push(new Uint8Array(400_000)));
    await turns(3);
    assert.equal(await settled(other.ready()), undefined);
    assert.equal(await settled(other.send('waits')), undefined);
    resolve('first');
    assert.equal((await receiver.next()).value, 'first');
    await receiver.return();
  });

  it('are those that were pushed, whatever becomes of them afterwards', async () => {
    const { sender, receiver } = opened();
    const { promise, resolve } = withResolvers();
    const small = { count: 1 };
    const large = new Uint8Array(40_000).fill(1);
    pushAll(sender, promise, small, large, small);
    small.count = 2;
    large.fill(2);
    resolve('first');
    sender.done();
    const items = await collect(receiver);
    assert.deepEqual(items, ['first', { count: 1 }, new Uint8Array(40_000).fill(1), { count: 1 }]);
  });

  it('that cannot be cloned are refused at once, and the others go on', async () => {
    const { sender, receiver } = opened();
    const { promise, resolve } = withResolvers();
    sender.push(promise);
    assert.throws(() => sender.push(() => {}), { name: 'DataCloneError' });
    await assert.rejects(sender.send(Symbol('symbol')), { name: 'DataCloneError' });
    sender.push('second');
    resolve('first');
    sender.done();
    assert.deepEqual(await collect(receiver), ['first', 'second']);
  });

  it('cross in order, whichever promise settles first', async () => {
    const { sender, receiver } = opened();
    const [one, two, three] = [withResolvers(), withResolvers(), withResolvers()];
    pushAll(sender, 0, one.promise, 2, two.promise, 4, 5, three.promise, 7);
    sender.done();
    for (const [{ resolve }, item] of [
      [three, 6],
      [two, 3],
      [one, 1],
    ]) {
      resolve(item);
      await turns(1);
    }
    assert.deepEqual(await collect(receiver), [0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('are lost with the channel, and counted', async () => {
    const { sender, receiver } = opened();
    const sends = [sender.send(new Promise(() => {})), sender.send('behind')];
    sender.push('pushed');
    await turns(2);
    await receiver.return();
    assert.deepEqual(await Promise.all(sends), [false, false]);
    assert.deepEqual([receiver.stats.pushed, receiver.stats.dropped], [3, 3]);
  });

  it('weigh what they settle with, also behind another', async () => {
    const { sender, receiver } = opened({ maxBytes: MEBIBYTE, capacity: 100 });
    const first = withResolvers();
    pushAll(sender, first.promise, Promise.resolve(new Uint8Array(LARGE)));
    assert.equal(sender.push(Promise.resolve(new Uint8Array(LARGE))), true);
    await turns(2);
    assert.equal(sender.push('more'), false);
    first.resolve('first');
    sender.done();
    assert.equal((await collect(receiver)).length, 4);
  });
});

describe('send() behind a promise', () => {
  it('resolves with true when its item has crossed, and not before', async () => {
    const { sender, receiver } = opened();
    const { promise, resolve } = withResolvers();
    const sends = [sender.send(promise), sender.send('second')];
    await turns(2);
    assert.deepEqual(await Promise.all(sends.map(settled)), [undefined, undefined]);
    resolve('first');
    assert.deepEqual(await Promise.all(sends), [true, true]);
    sender.done();
    assert.deepEqual(await collect(receiver), ['first', 'second']);
  });

  it('resolves with false when that promise rejects', async () => {
    const { sender, receiver } = opened();
    sender.push('before');
    sender.push(Promise.reject(new Error('rejected')));
    const sends = [sender.send('lost'), sender.send(Promise.resolve('lost'))];
    assert.deepEqual(await Promise.all(sends), [false, false]);
    assert.equal((await receiver.next()).value, 'before');
    await assert.rejects(receiver.next(), { message: 'rejected' });
  });
});
