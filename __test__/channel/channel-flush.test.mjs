// The results of flush() and send(): items have crossed, or never will.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import { Channel } from 'async-iterable-bridge';
import { collect, opened, pushAll } from '../support/channels.mjs';
import { expectNoChannels } from '../support/handles.mjs';
import { settled, turns, withResolvers } from '../support/promises.mjs';
import { startWorker } from '../support/workers.mjs';

const native = createRequire(import.meta.url)('../../lib/addon/native.js');

expectNoChannels();

describe('flush()', () => {
  it('has put in the buffer what was pushed, without a turn of the event loop', async () => {
    const { sender, receiver } = opened();
    pushAll(sender, 1, 2, 3);
    assert.equal(receiver.stats.buffered, 0);
    assert.equal(await sender.flush(), true);
    assert.equal(receiver.stats.buffered, 3);
    assert.equal(await sender.flush(), true);
    sender.done();
    assert.deepEqual(await collect(receiver), [1, 2, 3]);
    assert.equal(await sender.flush(), true);
  });

  it('waits for promises, and for what waits for capacity', async () => {
    const { sender, receiver } = opened({ capacity: 2 });
    const { promise, resolve } = withResolvers();
    pushAll(sender, promise, 'second');
    const third = sender.send('third');
    const flushed = sender.flush();
    assert.equal(await settled(flushed), undefined);
    resolve('first');
    assert.equal(await settled(flushed), undefined);
    assert.equal((await receiver.next()).value, 'first');
    assert.equal(await flushed, true);
    assert.equal(await third, true);
    sender.done();
    assert.deepEqual(await collect(receiver), ['second', 'third']);
  });

  it('is false when something that was taken is lost', async () => {
    const left = opened();
    left.sender.push('item');
    await left.receiver.return();
    assert.equal(await left.sender.flush(), false);

    const waiting = opened({ capacity: 1 });
    waiting.sender.push(new Promise(() => {}));
    const flushed = [waiting.sender.flush()];
    waiting.sender.send('waits');
    flushed.push(waiting.sender.flush());
    await turns(1);
    await waiting.receiver.return();
    assert.deepEqual(await Promise.all(flushed), [false, false]);

    const failing = opened();
    pushAll(failing.sender, Promise.reject(new Error('rejected')), 'lost');
    assert.equal(await failing.sender.flush(), false);
    await assert.rejects(failing.receiver.next(), { message: 'rejected' });
  });

  it('may be called by a getter of an item, which crosses with it', async () => {
    const { sender, receiver } = opened();
    let flushed;
    sender.push({
      get isFlushed() {
        flushed = sender.flush();
        return true;
      },
    });
    assert.equal(await flushed, true);
    assert.equal(receiver.stats.buffered, 1);
    sender.done();
    assert.deepEqual(await collect(receiver), [{ isFlushed: true }]);
  });

  it('has crossed before a message that is sent afterwards', async () => {
    const channel = new Channel();
    const receiver = channel.receiver();
    const { message, worker } = startWorker('flushAndTell', { handle: channel.handle });
    for (let round = 0; round < 10; round++) {
      const count = await message();
      assert.equal(receiver.stats.buffered, count);
      for (let item = 0; item < count; item++) await receiver.next();
      worker.postMessage('next');
    }
    await receiver.return();
    await worker.terminate();
  });

  it('lets go what was pushed by a worker that then blocks its thread', async () => {
    const channel = new Channel();
    const receiver = channel.receiver();
    const shared = new Int32Array(new SharedArrayBuffer(4));
    const { end } = startWorker('flushAndBlock', { handle: channel.handle, shared });
    assert.equal((await receiver.next()).value, 'item');
    Atomics.store(shared, 0, 1);
    Atomics.notify(shared, 0);
    await assert.rejects(receiver.next(), { code: 'ERR_PRODUCER_TERMINATED' });
    await end;
  });
});

describe('send()', () => {
  it('is true for exactly the items that are delivered or were buffered when the consumer left', async () => {
    const channel = new Channel({ capacity: 16 });
    const receiver = channel.receiver();
    const { message } = startWorker('countSends', { handle: channel.handle });
    let delivered = 0;
    for await (const _ of receiver) if (++delivered === 100) break;
    const taken = await message();
    const { pushed, dropped } = receiver.stats;
    assert.equal(taken, pushed);
    assert.equal(taken, delivered + dropped);
  });

  it('is false in a turn that begins after the consumer has left', async () => {
    const channel = new Channel();
    const receiver = channel.receiver();
    const shared = new Int32Array(new SharedArrayBuffer(4));
    const { message } = startWorker('sendAfterLeaving', { handle: channel.handle, shared });
    assert.equal((await receiver.next()).value, 'item');
    await message();
    await receiver.return();
    Atomics.store(shared, 0, 1);
    Atomics.notify(shared, 0);
    assert.equal(await message(), false);
  });

  it('is true for items that cross before the failure of another thread is read', async () => {
    const channel = new Channel({ senders: 2 });
    const receiver = channel.receiver();
    const shared = new Int32Array(new SharedArrayBuffer(8));
    const { message } = startWorker('sendWhileFailing', { handle: channel.handle, shared });
    const failing = channel.sender();
    await message();
    // The worker does not observe this failure, and has taken its item already.
    failing.fail(new Error('failed'));
    Atomics.store(shared, 0, 1);
    Atomics.notify(shared, 0);
    assert.equal(await message(), true);
    assert.equal((await receiver.next()).value, 'item');
    await assert.rejects(receiver.next(), { message: 'failed' });
  });
});

describe('a batch that cannot cross', () => {
  it('fails the channel with its reason after the items before, and no later call', async () => {
    const { sender, receiver } = opened();
    const other = opened();
    sender.push('before');
    assert.equal(await sender.flush(), true);
    const { pushBatch } = native;
    native.pushBatch = () => {
      throw new RangeError('Invalid string length');
    };
    try {
      sender.push('lost');
      assert.equal(await sender.flush(), false);
    } finally {
      native.pushBatch = pushBatch;
    }
    assert.equal(sender.push('late'), false);
    assert.equal(await sender.send('late'), false);
    assert.equal(await sender.ready(), false);
    sender.done();
    other.sender.push('other');
    assert.equal((await receiver.next()).value, 'before');
    await assert.rejects(receiver.next(), { name: 'RangeError', message: 'Invalid string length' });
    assert.equal((await other.receiver.next()).value, 'other');
    await other.receiver.return();
  });
});
