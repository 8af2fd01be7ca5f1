// A channel never holds more than its capacity, whatever happens between the `true` of ready() or push() and the next
// push().

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Channel } from 'async-iterable-bridge';
import { collect, opened } from '../support/channels.mjs';
import { expectNoChannels } from '../support/handles.mjs';
import { settled, turns } from '../support/promises.mjs';
import { startWorker } from '../support/workers.mjs';

expectNoChannels();

/** The ways in which a program passes time before it uses its permit. */
const DELAYS = ['nothing', 'microtasks', 'tick', 'immediate', 'timer'];

/** Reads until the channel has ended, and returns the most items that were ever buffered. */
async function readAll(receiver) {
  let most = 0;
  let items = 0;
  for await (const batch of receiver.batches()) {
    most = Math.max(most, batch.length, receiver.stats.buffered);
    items += batch.length;
  }
  return { most, items };
}

describe('several workers stay within the capacity of their channel together', () => {
  for (const delay of DELAYS) {
    it(`with ${delay} between ready() and push()`, async () => {
      const channel = new Channel({ capacity: 8, senders: 3 });
      for (let sender = 0; sender < 3; sender++) {
        startWorker('pushByPermit', { handle: channel.handle, delay, count: 60 });
      }
      const { most, items } = await readAll(channel.receiver());
      assert.equal(items, 180);
      assert.ok(most <= 8, `${most} items were buffered`);
    });
  }
});

describe('a permit', () => {
  it('of ready() is kept while other senders want it', async () => {
    const channel = new Channel({ capacity: 1, senders: 2 });
    const [one, other] = [channel.sender(), channel.sender()];
    const receiver = channel.receiver();
    assert.equal(await one.ready(), true);
    await turns(5);
    const ready = other.ready();
    assert.equal(await settled(ready), undefined);
    assert.equal(one.push('one'), false);
    await turns(1);
    assert.equal(receiver.stats.buffered, 1);
    assert.equal((await receiver.next()).value, 'one');
    assert.equal(await ready, true);
    await receiver.return();
  });

  it('of push() is kept as well', async () => {
    const channel = new Channel({ capacity: 2, senders: 2 });
    const [one, other] = [channel.sender(), channel.sender()];
    const receiver = channel.receiver();
    assert.equal(one.push('first'), true);
    await turns(2);
    const sent = other.send('other');
    assert.equal(await settled(sent), undefined);
    one.push('second');
    await turns(1);
    assert.equal(receiver.stats.buffered, 2);
    await receiver.return();
  });

  it('goes to a sender that waits, when it is not used for a second', async () => {
    const channel = new Channel({ capacity: 1, senders: 2 });
    const [idle, other] = [channel.sender(), channel.sender()];
    const receiver = channel.receiver();
    assert.equal(await idle.ready(), true);
    const next = receiver.next();
    assert.equal(await other.send('other'), true);
    assert.equal((await next).value, 'other');
    await receiver.return();
  });

  it('that is not used goes to the next call of its sender', async () => {
    const { sender, receiver } = opened({ capacity: 1 });
    for (let count = 0; count < 5; count++) assert.equal(await sender.ready(), true);
    assert.deepEqual(await Promise.all([sender.ready(), sender.ready(), sender.ready()]), [
      true,
      true,
      true,
    ]);
    assert.equal(await sender.send('item'), true);
    sender.done();
    assert.deepEqual(await collect(receiver), ['item']);
  });

  it('is one for each loop of a sender', async () => {
    for (let round = 0; round < 50; round++) {
      const { sender, receiver } = opened({ capacity: 3 });
      const loop = async () => {
        for (let item = 0; item < 20; item++) {
          await sender.ready();
          sender.push(item);
        }
      };
      const loops = Promise.all([loop(), loop(), loop(), loop(), loop()]);
      loops.then(() => sender.done());
      const { most, items } = await readAll(receiver);
      assert.equal(items, 100);
      assert.ok(most <= 3, `${most} items were buffered`);
    }
  });

  it('of a sender that ends is free', async () => {
    const channel = new Channel({ capacity: 1, senders: 2 });
    const [idle, other] = [channel.sender(), channel.sender()];
    assert.equal(await idle.ready(), true);
    await turns(2);
    idle.done();
    assert.equal(await other.send('other'), true);
    other.done();
    assert.deepEqual(await collect(channel.receiver()), ['other']);
  });
});
