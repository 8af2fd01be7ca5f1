// Channels between threads: those that fail, and those whose threads end.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { afterEach, describe, it } from 'node:test';
import { Channel } from 'async-iterable-bridge';
import { DONE } from '../support/channels.mjs';
import { expectNoChannels } from '../support/handles.mjs';
import { turn, until } from '../support/scripted-streams.mjs';
import { sendUnreadable } from '../support/unreadable.mjs';
import { startWorker } from '../support/workers.mjs';

const { liveHandles } = createRequire(import.meta.url)('../../lib/addon/native.js');

expectNoChannels();
afterEach(() => until(() => liveHandles().hubs <= 1, 'the end of all workers'));

/** Collects all items up to the failure with which a stream must end, and the reason of the failure. */
async function collectUntilFailure(receiver) {
  const items = [];
  let reason;
  const collecting = async () => {
    for await (const item of receiver) items.push(item);
  };
  await assert.rejects(collecting, (rejected) => {
    reason = rejected;
    return true;
  });
  assert.deepEqual(await receiver.next(), DONE);
  return { items, reason };
}

describe('a failure', () => {
  it('arrives whatever it holds, be it as text', async () => {
    for (const levels of [1000, 1015, 1016, 1017, 1023, 1024, 1025, 3000]) {
      let deep = {};
      for (let level = 1; level < levels; level++) deep = { deep };
      const error = Object.assign(new Error('above'), { deep });
      for (const failure of [deep, error, new AggregateError([deep, error])]) {
        const channel = new Channel();
        const receiver = channel.receiver();
        const sender = channel.sender();
        sender.push('item');
        sender.fail(failure);
        const { items, reason } = await collectUntilFailure(receiver);
        assert.deepEqual(items, ['item']);
        assert.ok(reason);
      }
    }
  });

  it('arrives with its class, message, stack, code, cause and properties', async () => {
    const channel = new Channel();
    const { message } = startWorker('fail', { handle: channel.handle });
    const { items, reason } = await collectUntilFailure(channel.receiver());
    assert.deepEqual(items, ['item']);
    assert.ok(reason instanceof TypeError);
    const { name, code, details, cause, stack } = reason;
    assert.deepEqual(
      { name, message: reason.message, code, details, stack },
      {
        name: 'OddError',
        message: 'above',
        code: 'ERR_ODD',
        details: { list: [1, 2n] },
        stack: await message(),
      },
    );
    assert.ok(cause instanceof RangeError);
    assert.deepEqual([cause.message, cause.code], ['below', 'ERR_BELOW']);
  });
});

describe('an item that cannot be read', () => {
  it('fails the channel after the items before, of its batch and of others', async () => {
    const channel = new Channel({ senders: 2 });
    const receiver = channel.receiver();
    const sender = channel.sender();
    sender.push('first');
    sender.done();
    await turn();
    sendUnreadable(channel.handle, 'second', 3);
    assert.equal((await receiver.next()).value, 'first');
    const { items, reason } = await collectUntilFailure(receiver);
    assert.deepEqual(items, ['second', 3]);
    assert.ok(reason instanceof Error);
    const { state, delivered } = receiver.stats;
    assert.deepEqual({ state, delivered }, { state: 'failed', delivered: 3 });
  });

  it('fails the channel when it comes alone', async () => {
    const channel = new Channel();
    const receiver = channel.receiver();
    const next = receiver.next();
    sendUnreadable(channel.handle);
    await assert.rejects(next);
    assert.deepEqual(await receiver.next(), DONE);
  });

  it('matters to nobody who leaves before it', async () => {
    const channel = new Channel();
    sendUnreadable(channel.handle, 'first');
    const receiver = channel.receiver();
    assert.equal((await receiver.next()).value, 'first');
    assert.deepEqual(await receiver.return(), DONE);
    assert.equal(receiver.stats.state, 'cancelled');
  });
});

describe('a worker that goes', () => {
  /** Returns what the receiver gets from a worker that plays this role. */
  async function lastWords(role) {
    const channel = new Channel();
    const { end } = startWorker(role, { handle: channel.handle });
    const { items, reason } = await collectUntilFailure(channel.receiver());
    assert.equal(reason.code, 'ERR_PRODUCER_TERMINATED');
    return { items, ...(await end) };
  }

  it('fails the channel after its items, when it has nothing more to do', async () => {
    const { items, code } = await lastWords('pushAndForget');
    assert.deepEqual(items, ['item']);
    assert.equal(code, 0);
  });

  it('fails the channel after its items, when it crashes in the turn that has pushed them', async () => {
    for (const role of ['pushAndThrow', 'pushAndThrowLater']) {
      const { items, error } = await lastWords(role);
      assert.deepEqual(items, [0, 1, 2]);
      assert.match(error.message, /uncaught/);
    }
  });

  it('fails the channel after its items, when it calls process.exit()', async () => {
    const { items, code } = await lastWords('pushAndExit');
    assert.deepEqual(items, [0, 1, 2]);
    assert.equal(code, 3);
  });

  it('fails the channel when it is terminated, with several next() pending', async () => {
    const channel = new Channel();
    const receiver = channel.receiver();
    const { worker, message } = startWorker('watch', { handle: channel.handle });
    assert.equal(await message(), 'open');
    const settled = Promise.allSettled([receiver.next(), receiver.next(), receiver.next()]);
    await worker.terminate();
    const [first, ...others] = await settled;
    assert.equal(first.reason.code, 'ERR_PRODUCER_TERMINATED');
    assert.deepEqual(
      others.map(({ value }) => value),
      [DONE, DONE],
    );
  });

  it('fails the channel when it is terminated while it pushes', async () => {
    const channel = new Channel();
    const receiver = channel.receiver();
    const { worker } = startWorker('flood', { handle: channel.handle });
    await receiver.next();
    worker.terminate();
    const { items, reason } = await collectUntilFailure(receiver);
    assert.equal(reason.code, 'ERR_PRODUCER_TERMINATED');
    assert.deepEqual(
      items,
      Array.from(items, (_, index) => index + 1),
    );
  });

  it('stops the other senders, when it is terminated', async () => {
    const channel = new Channel({ senders: 2 });
    const sender = channel.sender();
    const { worker, message } = startWorker('watch', { handle: channel.handle });
    assert.equal(await message(), 'open');
    await worker.terminate();
    await until(() => sender.signal.aborted);
    const { reason } = await collectUntilFailure(channel.receiver());
    assert.equal(reason.code, 'ERR_PRODUCER_TERMINATED');
  });

  it('aborts the senders of other threads, when it held the receiver', async () => {
    const channel = new Channel({ capacity: 1, senders: 2 });
    const sender = channel.sender();
    const reader = startWorker('readOne', { handle: channel.handle });
    sender.push('first');
    assert.equal(await reader.message(), 'first');
    const other = startWorker('watch', { handle: channel.handle });
    assert.equal(await other.message(), 'open');
    sender.push('second');
    const pending = [sender.send('third'), sender.ready()];
    await reader.worker.terminate();
    assert.deepEqual(await Promise.all(pending), [false, false]);
    assert.equal(sender.signal.aborted, true);
    assert.equal(await other.message(), 'aborted');
    await other.worker.terminate();
  });

  it('before it has opened its end leaves a channel that another can use', async () => {
    const channel = new Channel();
    const receiver = channel.receiver();
    const next = receiver.next();
    const { error } = await startWorker('crash').end;
    assert.match(error.message, /before it opens its end/);
    startWorker('count', { handle: channel.handle, name: 'w', count: 1 });
    assert.deepEqual(await next, { value: { name: 'w', number: 0 }, done: false });
    assert.deepEqual(await receiver.next(), DONE);
  });
});
