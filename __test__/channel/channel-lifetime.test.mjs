// The end of a channel whose ends are in one thread: by its senders, or by a receiver that leaves.
// channel-failures.test.mjs and channel-endings.test.mjs test threads and processes that end.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Channel } from 'async-iterable-bridge';
import { collect, DONE, opened } from '../support/channels.mjs';
import { collectGarbage } from '../support/garbage.mjs';
import { expectNoChannels } from '../support/handles.mjs';
import { turn, until } from '../support/scripted-streams.mjs';

expectNoChannels();

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

  it('comes after what the other senders of the thread have pushed, if it is a failure', async () => {
    const channel = new Channel({ senders: 2 });
    const [failing, other] = [channel.sender(), channel.sender()];
    assert.equal(other.push('item'), true);
    failing.fail('reason');
    assert.equal(other.push('late'), false);
    const receiver = channel.receiver();
    assert.deepEqual(await receiver.next(), { value: 'item', done: false });
    await assert.rejects(receiver.next(), (reason) => reason === 'reason');
  });

  it('comes after what a getter of its reason has pushed', async () => {
    const channel = new Channel({ senders: 2 });
    const [failing, other] = [channel.sender(), channel.sender()];
    const reason = Object.defineProperty(new Error('reason'), 'details', {
      enumerable: true,
      get: () => other.push('item'),
    });
    failing.fail(reason);
    assert.equal(other.push('late'), false);
    const receiver = channel.receiver();
    assert.deepEqual(await receiver.next(), { value: 'item', done: false });
    await assert.rejects(receiver.next(), { message: 'reason', details: true });
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

  it('has left for a sender of its thread at once, whatever room that had', async () => {
    const leaves = [({ receiver }) => receiver.return(), ({ controller }) => controller.abort()];
    const asks = [
      (sender) => sender.push('late'),
      (sender) => sender.send('late'),
      (sender) => sender.ready(),
      (sender) => !sender.signal.aborted,
    ];
    for (const leave of leaves) {
      for (const ask of asks) {
        const controller = new AbortController();
        const { sender, receiver } = opened({ signal: controller.signal });
        sender.push('item');
        await receiver.next();
        leave({ receiver, controller });
        assert.equal(await ask(sender), false, `${leave} ${ask}`);
      }
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
