// A stack overflow that the program catches, at any depth, within any call of a channel: only that call may fail.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Channel } from 'async-iterable-bridge';
import { collect, DONE, opened } from '../support/channels.mjs';
import { atEveryDepth } from '../support/depths.mjs';
import { expectNoChannels } from '../support/handles.mjs';
import { turn } from '../support/scripted-streams.mjs';
import { startWorker } from '../support/workers.mjs';

expectNoChannels();

/** Returns items of several kinds that the codec encodes in different ways. */
const itemsOf = (number) => [
  number,
  `text ${number}`,
  { number, list: [number, { deep: `${number}` }] },
  new Uint8Array(40_000).fill(number),
];

describe('a stack overflow at any depth', () => {
  it('within push() or send() leaves what was taken, and nothing else', async () => {
    for (const kind of itemsOf(0).keys()) {
      const { sender, receiver } = opened({ capacity: 1_000_000, maxBytes: 2 ** 40 });
      const taken = [];
      let number = 0;
      await atEveryDepth(async (run) => {
        for (const method of ['push', 'send']) {
          const item = itemsOf(++number)[kind];
          let answer;
          const hasReturned = run(() => {
            answer = sender[method](item);
          });
          if (hasReturned) taken.push(item);
          if (method === 'send') assert.equal((await answer) ?? false, hasReturned);
        }
      });
      await turn();
      sender.done();
      assert.deepEqual(await collect(receiver), taken);
    }
  });

  it('within push() of a full channel takes the item or not', async () => {
    for (const overflow of ['block', 'drop-oldest', 'drop-newest', 'error']) {
      const { sender, receiver } = opened({ capacity: 2, overflow });
      sender.push('first');
      sender.push('second');
      await atEveryDepth((run) => {
        run(() => {
          try {
            sender.push('more');
          } catch (error) {
            if (error.code !== 'ERR_QUEUE_FULL') throw error;
          }
        });
      });
      sender.done();
      const received = await collect(receiver);
      assert.ok(received.length >= 2);
      assert.equal(overflow === 'block' || received.length === 2, true);
    }
  });

  it('within push() of a promise, and of items behind it', async () => {
    const { sender, receiver } = opened({ capacity: 1_000_000, maxBytes: 2 ** 40 });
    const taken = [];
    let number = 0;
    await atEveryDepth((run) => {
      const promised = ++number;
      const behind = new Uint8Array(40_000).fill(number);
      const promise = Promise.resolve(promised);
      if (run(() => sender.push(promise))) taken.push(promised);
      if (run(() => sender.push(behind))) taken.push(behind);
    });
    sender.done();
    assert.deepEqual(await collect(receiver), taken);
  });

  it('within ready() and flush() leaves them to be called again', async () => {
    const { sender, receiver } = opened({ capacity: 1 });
    sender.push('item');
    const pending = [];
    await atEveryDepth((run) => {
      run(() => pending.push(sender.ready()));
      run(() => pending.push(sender.flush()));
      run(() => sender.signal);
    });
    assert.ok(pending.length > 0);
    assert.equal((await receiver.next()).value, 'item');
    assert.ok((await Promise.all(pending)).every((isReady) => isReady));
    assert.equal(await sender.send('next'), true);
    sender.done();
    assert.deepEqual(await collect(receiver), ['next']);
  });

  it('within done() or fail() lets the next call end the channel', async () => {
    const ends = [
      (sender) => sender.done(),
      (sender) => sender.fail(new Error('failed')),
      (sender) => sender.fail({ reason: 'failed' }),
    ];
    for (const end of ends) {
      await atEveryDepth(async (run) => {
        const { sender, receiver } = opened();
        sender.push('item');
        if (!run(() => end(sender))) end(sender);
        assert.equal((await receiver.next()).value, 'item');
        if (end === ends[0]) assert.deepEqual(await receiver.next(), DONE);
        else await assert.rejects(receiver.next());
        assert.equal(sender.push('late'), false);
      });
    }
  });

  it('within next() leaves the items to the next call', async () => {
    const item = { list: [1, { deep: ['text', new Uint8Array(3), new Map([[1, 2]])] }] };
    for (const isBuffered of [true]) {
      const { sender, receiver } = opened({ capacity: 1_000_000 });
      let sent = 0;
      const answers = [];
      await atEveryDepth(async (run) => {
        if (isBuffered) {
          sender.push(item);
          sent++;
          await turn();
        }
        run(() => answers.push(receiver.next()));
      });
      if (!isBuffered) for (; sent < answers.length; sent++) sender.push(item);
      sender.done();
      const received = (await Promise.all(answers)).map(({ value }) => value);
      for await (const value of receiver) received.push(value);
      assert.deepEqual(received, Array(sent).fill(item));
    }
  });

  it('within return() lets the next call leave', async () => {
    await atEveryDepth(async (run) => {
      const { sender, receiver } = opened();
      sender.push('item');
      await turn();
      const left = [];
      run(() => left.push(receiver.return()));
      await Promise.allSettled(left);
      await receiver.return();
      assert.deepEqual(await receiver.next(), DONE);
      assert.equal(sender.push('late'), false);
      assert.equal(sender.signal.aborted, true);
    });
  });

  it('leaves other channels of the thread as they were', async () => {
    const { sender, receiver } = opened();
    const other = opened();
    other.sender.push('before');
    await atEveryDepth((run) => {
      run(() => sender.push('item'));
      run(() => other.sender.ready());
    });
    other.sender.push('after');
    other.sender.done();
    assert.deepEqual(await collect(other.receiver), ['before', 'after']);
    sender.done();
    await collect(receiver);
  });
});

describe('a stack overflow at any depth in a worker', () => {
  it('leaves what was pushed, and the end', async () => {
    const channel = new Channel({ capacity: 1_000_000 });
    const { message } = startWorker('sendAtEveryDepth', { handle: channel.handle });
    const received = await collect(channel.receiver());
    assert.deepEqual(
      received.map(({ number }) => number),
      await message(),
    );
  });
});
