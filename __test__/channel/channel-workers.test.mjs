// Channels between threads: the items that cross, their bounds, and a receiver that leaves.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { afterEach, describe, it } from 'node:test';
import { BroadcastChannel } from 'node:worker_threads';
import { Channel } from 'async-iterable-bridge';
import { collect, DONE } from '../support/channels.mjs';
import { expectNoChannels } from '../support/handles.mjs';
import { until } from '../support/scripted-streams.mjs';
import { startWorker } from '../support/workers.mjs';

const { liveHandles } = createRequire(import.meta.url)('../../lib/addon/native.js');

expectNoChannels();
afterEach(() => until(() => liveHandles().hubs <= 1, 'the end of all workers'));

/** Waits for a condition that becomes true without a turn of the event loop. */
function untilAtOnce(condition) {
  const deadline = performance.now() + 30_000;
  while (!condition()) assert.ok(performance.now() < deadline, 'waited in vain');
}

const counted = (name, count) => Array.from({ length: count }, (_, number) => ({ name, number }));

describe('a handle', () => {
  it('goes through workerData', async () => {
    const channel = new Channel();
    const { end } = startWorker('count', { handle: channel.handle, name: 'w', count: 3 });
    assert.deepEqual(await collect(channel.receiver()), counted('w', 3));
    assert.deepEqual(await end, { code: 0, error: undefined });
  });

  it('goes through postMessage, within an object', async () => {
    const channel = new Channel();
    const { worker } = startWorker('countWhenTold', { name: 'w', count: 3 });
    worker.postMessage({ deep: { handles: [channel.handle] } });
    assert.deepEqual(await collect(channel.receiver()), counted('w', 3));
  });

  it('goes through a BroadcastChannel, to a sender of each worker', async () => {
    const channel = new Channel({ senders: 2 });
    const broadcast = new BroadcastChannel(channel.handle);
    const given = { topic: channel.handle, name: 'w', count: 3 };
    const workers = [
      startWorker('countWhenBroadcast', given),
      startWorker('countWhenBroadcast', given),
    ];
    for (const { message } of workers) assert.equal(await message(), 'listening');
    broadcast.postMessage(channel.handle);
    assert.equal((await collect(channel.receiver())).length, 6);
    broadcast.close();
  });

  it('goes through a channel', async () => {
    const [first, second] = [new Channel(), new Channel()];
    const worker = startWorker('readUntilEnd', { handle: first.handle });
    const sender = first.sender();
    sender.push(second.handle);
    sender.done();
    const receiver = Channel.from(await worker.message()).receiver();
    second.sender().done();
    assert.deepEqual(await receiver.next(), DONE);
  });

  it('comes from a worker', async () => {
    const { message } = startWorker('countOnOwnChannel', { name: 'w', count: 10 });
    const channel = Channel.from(await message());
    assert.deepEqual(await collect(channel.receiver()), counted('w', 10));
  });
});

describe('items', () => {
  it('of every kind cross in both directions', async () => {
    const [there, back] = [new Channel({ capacity: 3 }), new Channel()];
    startWorker('echo', { from: there.handle, to: back.handle });
    const shared = { name: 'shared' };
    const items = [
      ...[
        0,
        -0,
        0.5,
        Number.NaN,
        2 ** 53,
        '',
        'text',
        '\u{1F980}',
        '\ud800',
        true,
        null,
        undefined,
      ],
      ...[10n, 2n ** 80n, new Date(5), /x/g, new Map([[1, new Set([2])]])],
      ...[
        new Uint8Array([1, 2]),
        Buffer.from('bytes'),
        new Float64Array([0.5]),
        new ArrayBuffer(3),
      ],
      ...[[1, ['two', { three: 3 }]], { a: 1, b: { c: [new Uint8Array(100_000)] } }],
      [shared, shared],
    ];
    const received = collect(back.receiver());
    const sender = there.sender();
    for (const item of items) assert.equal(await sender.send(item), true);
    sender.done();
    assert.deepEqual(await received, items);
  });

  it('cross from worker to worker', async () => {
    const channel = new Channel({ capacity: 10 });
    const reader = startWorker('sum', { handle: channel.handle });
    startWorker('count', { handle: channel.handle, name: 'w', count: 10_000 });
    assert.equal(await reader.message(), 49_995_000);
  });

  it('of several senders keep the order of each, and the end comes with the last', async () => {
    const channel = new Channel({ senders: 4, capacity: 10 });
    const names = ['a', 'b', 'c'];
    for (const name of names) startWorker('count', { handle: channel.handle, name, count: 1000 });
    const own = channel.sender();
    const received = collect(channel.receiver());
    for (const item of counted('d', 1000)) await own.send(item);
    own.done();
    const items = await received;
    assert.equal(items.length, 4000);
    for (const each of [...names, 'd']) {
      assert.deepEqual(
        items.filter(({ name }) => name === each),
        counted(each, 1000),
      );
    }
  });
});

describe('backpressure', () => {
  it('bounds what a slow receiver has not read', async () => {
    const capacity = 16;
    const channel = new Channel({ capacity });
    const receiver = channel.receiver();
    const { message } = startWorker('flood', { handle: channel.handle });
    for (let expected = 0; expected < 20 * capacity; expected++) {
      assert.deepEqual(await receiver.next(), { value: expected, done: false });
      const waits = receiver.stats.producerWaits;
      if (expected % capacity === 0) untilAtOnce(() => receiver.stats.producerWaits >= waits);
      const { pushed, delivered } = receiver.stats;
      assert.ok(pushed - delivered <= 2 * capacity, `${pushed - delivered} items are not read`);
    }
    await receiver.return();
    assert.deepEqual(await message(), { isAborted: true });
  });

  it('bounds what is sent while the event loop of the receiver is blocked', async () => {
    const channel = new Channel({ capacity: 8 });
    const receiver = channel.receiver();
    startWorker('flood', { handle: channel.handle });
    for (let round = 0; round < 20; round++) {
      await receiver.next();
      const { producerWaits } = receiver.stats;
      untilAtOnce(
        () => receiver.stats.buffered === 8 || receiver.stats.producerWaits > producerWaits,
      );
      assert.ok(receiver.stats.buffered <= 8);
    }
    await receiver.return();
  });

  it('bounds the senders of several workers together', async () => {
    const channel = new Channel({ capacity: 8, senders: 3 });
    const receiver = channel.receiver();
    for (let each = 0; each < 3; each++) startWorker('flood', { handle: channel.handle });
    for (let items = 0; items < 3000; items++) {
      assert.equal((await receiver.next()).done, false);
      assert.ok(receiver.stats.buffered <= 8, `${receiver.stats.buffered} items are buffered`);
    }
    await receiver.return();
  });

  it('counts bytes, also of items that cross before the end of their turn', async () => {
    const channel = new Channel({ maxBytes: 1_000_000, capacity: 100 });
    const receiver = channel.receiver();
    startWorker('floodBytes', { handle: channel.handle, length: 300_000 });
    for (let items = 0; items < 50; items++) {
      assert.equal((await receiver.next()).value.length, 300_000);
      const { buffered, bufferedBytes } = receiver.stats;
      assert.ok(buffered <= 4, `${buffered} items of ${bufferedBytes} bytes are buffered`);
    }
    await receiver.return();
  });

  it('lets a sender of another thread have its turn, however busy one near the receiver is', async () => {
    const channel = new Channel({ capacity: 1, senders: 2 });
    const near = channel.sender();
    const receiver = channel.receiver();
    near.push('near');
    const { message } = startWorker('sendOnce', { handle: channel.handle, item: 'far' });
    for await (const item of receiver) {
      if (item === 'far') break;
      near.push('near');
    }
    assert.equal(await message(), true);
  });

  it('leaves time to the messages of a worker that sends without a pause', async () => {
    const channel = new Channel();
    const { worker, message } = startWorker('floodWithSends', { handle: channel.handle });
    let items = 0;
    assert.equal(await message(), 'running');
    for await (const _ of channel.receiver()) if (++items === 10_000) worker.postMessage('stop');
    assert.ok(items >= 10_000);
  });
});

describe('a receiver that leaves', () => {
  it('aborts the signal of a sender in a worker, by break', async () => {
    const channel = new Channel({ capacity: 1 });
    const { message, end } = startWorker('waitForRoom', { handle: channel.handle });
    for await (const item of channel.receiver()) {
      assert.equal(item, 'item');
      assert.equal(await message(), 'waits');
      break;
    }
    // There may have been room for some of them before.
    const heard = [await message(), await message()];
    assert.ok(heard.includes('aborted'));
    assert.deepEqual(await end, { code: 0, error: undefined });
  });

  it('does so by return(), when nothing was read', async () => {
    const channel = new Channel({ capacity: 1 });
    const receiver = channel.receiver();
    const { message } = startWorker('waitForRoom', { handle: channel.handle });
    assert.equal(await message(), 'waits');
    await until(() => receiver.stats.producerWaits > 0);
    await receiver.return();
    assert.deepEqual([await message(), await message()], ['aborted', [false, false]]);
  });

  it('has left before a sender comes', async () => {
    const channel = new Channel();
    await channel.receiver().return();
    const { worker, message } = startWorker('watch', { handle: channel.handle });
    assert.equal(await message(), 'aborted');
    await worker.terminate();
  });

  it('leaves when the signal of the channel aborts, which is in a third thread', async () => {
    const controller = new AbortController();
    const channel = new Channel({ signal: controller.signal });
    const sender = startWorker('watch', { handle: channel.handle });
    const receiver = startWorker('readUntilEnd', { handle: channel.handle });
    assert.equal(await sender.message(), 'open');
    controller.abort(new RangeError('enough'));
    const { reason } = await receiver.message();
    assert.ok(reason instanceof RangeError);
    assert.equal(reason.message, 'enough');
    assert.equal(await sender.message(), 'aborted');
    await sender.worker.terminate();
  });

  it('aborts the sender of the main thread from a worker', async () => {
    const channel = new Channel({ capacity: 1 });
    const sender = channel.sender();
    const { message } = startWorker('readAndBreak', { handle: channel.handle });
    sender.push('item');
    assert.equal(await message(), 'item');
    await until(() => sender.signal.aborted);
    assert.equal(await sender.send('late'), false);
  });
});
