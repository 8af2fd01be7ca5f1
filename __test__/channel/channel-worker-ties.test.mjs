// Ends of channels that are tied to the worker that is to open the other end.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Channel } from 'async-iterable-bridge';
import { collect } from '../support/channels.mjs';
import { runProgram } from '../support/child.mjs';
import { makeFolder } from '../support/folder.mjs';
import { collectGarbage } from '../support/garbage.mjs';
import { expectNoChannels } from '../support/handles.mjs';
import { turn, until } from '../support/scripted-streams.mjs';
import { startWorker } from '../support/workers.mjs';

const { liveHandles } = createRequire(import.meta.url)('../../lib/addon/native.js');

expectNoChannels();

/** A thread that uses channels all the time: without one, a receiver would not wait. */
let bystander;
before(async () => {
  bystander = startWorker('join');
  assert.equal(await bystander.message(), 'open');
});
after(() => bystander.worker.terminate());
afterEach(() => until(() => liveHandles().hubs <= 2, 'the end of all other workers'));

const deaths = {
  'has a syntax error': { source: 'this is no program' },
  'exits at once': { source: 'process.exit(0)' },
  throws: { source: 'throw new Error("thrown on purpose")' },
  'cannot be found': {},
  'is terminated': { source: 'setInterval(() => {}, 1000)', terminate: true },
};

/** Starts a worker that dies before it has opened anything. */
function startDying({ source, terminate = false }) {
  const folder = makeFolder(source === undefined ? {} : { 'worker.mjs': source });
  const worker = new Worker(pathToFileURL(join(folder, 'worker.mjs')));
  worker.on('error', () => {});
  if (terminate) worker.terminate();
  return worker;
}

const exitOf = (worker) => new Promise((resolve) => worker.once('exit', resolve));

const TERMINATED = { code: 'ERR_PRODUCER_TERMINATED' };

for (const [how, death] of Object.entries(deaths)) {
  describe(`a worker that ${how}`, () => {
    it('fails the receiver that is tied to it, if it was to open the sender', async () => {
      const receiver = new Channel().receiver({ worker: startDying(death) });
      await assert.rejects(receiver.next(), TERMINATED);
      assert.equal((await receiver.next()).done, true);
    });

    it('aborts the sender that is tied to it, if it was to open the receiver', async () => {
      const channel = new Channel({ capacity: 1 });
      const sender = channel.sender({ worker: startDying(death) });
      const aborted = new Promise((resolve) => sender.signal.addEventListener('abort', resolve));
      sender.push('first');
      assert.equal(await sender.send('waits'), false);
      if (!sender.signal.aborted) await aborted;
      assert.equal(sender.push('late'), false);
      assert.equal(await sender.ready(), false);
    });
  });
}

describe('receiver({ worker })', () => {
  it('fails at once when the worker has exited before', async () => {
    const worker = startDying(deaths.throws);
    await exitOf(worker);
    await until(
      () => worker.threadId === -1 || worker.threadName === null,
      'the end of the thread',
    );
    await assert.rejects(new Channel().receiver({ worker }).next(), TERMINATED);
  });

  it('gets all that a worker sends which opens the sender and exits', async () => {
    const channel = new Channel();
    const { worker, end } = startWorker('count', { handle: channel.handle, name: 'w', count: 3 });
    const receiver = channel.receiver({ worker });
    await end;
    assert.equal((await collect(receiver)).length, 3);
  });

  it('fails as without the tie when the worker dies with the sender open', async () => {
    const channel = new Channel();
    const { worker, end } = startWorker('pushAndForget', { handle: channel.handle });
    const receiver = channel.receiver({ worker });
    await end;
    assert.equal((await receiver.next()).value, 'item');
    await assert.rejects(receiver.next(), TERMINATED);
  });

  it('is not concerned by the death of a worker when another thread has opened the sender', async () => {
    const channel = new Channel();
    const worker = startDying(deaths['exits at once']);
    const receiver = channel.receiver({ worker });
    const sender = channel.sender();
    await exitOf(worker);
    sender.push('sent');
    sender.done();
    assert.deepEqual(await collect(receiver), ['sent']);
  });

  it('fails when one of several workers dies before it opens its sender', async () => {
    const channel = new Channel({ senders: 2 });
    const given = { handle: channel.handle, name: 'w', count: 3 };
    const { worker: counting, end } = startWorker('count', given);
    const dying = new Worker('setInterval(() => {}, 1000)', { eval: true });
    const receiver = channel.receiver({ worker: [counting, dying] });
    await end;
    for (let count = 0; count < 3; count++) assert.equal((await receiver.next()).done, false);
    const next = receiver.next();
    await dying.terminate();
    await assert.rejects(next, TERMINATED);
  });

  it('does not fail while a worker may still come after one that has done its part', async () => {
    const channel = new Channel({ senders: 2 });
    const given = { handle: channel.handle, name: 'w', count: 3 };
    const first = startWorker('count', given);
    const second = startWorker('countWhenTold', given);
    const receiver = channel.receiver({ worker: [first.worker, second.worker] });
    await first.end;
    second.worker.postMessage({ deep: { handles: [channel.handle] } });
    assert.equal((await collect(receiver)).length, 6);
  });
});

describe('sender({ worker })', () => {
  it('is aborted at once when the worker has exited before', async () => {
    const worker = startDying(deaths.throws);
    await exitOf(worker);
    await until(
      () => worker.threadId === -1 || worker.threadName === null,
      'the end of the thread',
    );
    const sender = new Channel().sender({ worker });
    assert.equal(sender.signal.aborted, true);
    assert.equal(sender.push('late'), false);
  });

  it('sends to a worker that opens the receiver', async () => {
    const channel = new Channel();
    const { worker, message, end } = startWorker('readUntilEnd', { handle: channel.handle });
    const sender = channel.sender({ worker });
    sender.push('sent');
    sender.done();
    assert.deepEqual([await message(), await message()], ['sent', 'done']);
    await end;
    assert.equal(sender.signal.aborted, false);
  });

  it('drops what was sent and ended before the worker died', async () => {
    const channel = new Channel();
    const worker = startDying(deaths.throws);
    const sender = channel.sender({ worker });
    sender.push('lost');
    sender.done();
    await exitOf(worker);
    assert.throws(() => channel.receiver(), { code: 'ERR_CHANNEL_NOT_FOUND' });
  });
});

describe('a tie to a worker', () => {
  it('is one listener for any number of ends, and none when they have ended', async () => {
    const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
    assert.equal(worker.listenerCount('exit'), 0);
    const receivers = [];
    for (let count = 0; count < 20; count++) {
      const channel = new Channel();
      receivers.push(channel.receiver({ worker }));
      const sender = channel.sender();
      if (count % 2 === 0) sender.done();
      else sender.fail(new Error('failed on purpose'));
    }
    const channel = new Channel();
    const sender = channel.sender({ worker });
    assert.equal(worker.listenerCount('exit'), 1);
    const outcomes = await Promise.allSettled(receivers.map((receiver) => receiver.next()));
    assert.equal(outcomes.filter(({ status }) => status === 'rejected').length, 10);
    assert.equal(worker.listenerCount('exit'), 1);
    const receiver = channel.receiver();
    sender.done();
    assert.equal(worker.listenerCount('exit'), 0);
    await receiver.return();
    await new Channel().receiver({ worker }).return();
    assert.equal(worker.listenerCount('exit'), 0);
    await worker.terminate();
  });

  it('goes with a stream that is forgotten', async () => {
    const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
    (() => new Channel().receiver({ worker }))();
    await until(() => {
      collectGarbage();
      return worker.listenerCount('exit') === 0;
    }, 'the end of the tie');
    await turn();
    await worker.terminate();
  });

  it('holds no process alive', async () => {
    const program = fileURLToPath(new URL('../programs/tied-process.mjs', import.meta.url));
    const { code, stdout, stderr } = await runProgram([program]);
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'made', stderr: '' });
  });

  for (const worker of [null, 1, 'worker', {}, { threadId: 1 }, [], [{}], () => {}]) {
    it(`refuses ${JSON.stringify(worker) ?? 'a function'} as a worker, and opens nothing`, async () => {
      const channel = new Channel();
      const refused = {
        name: 'TypeError',
        code: 'ERR_INVALID_ARG_TYPE',
        message: /"options\.worker" property must be an instance of Worker/,
      };
      assert.throws(() => channel.receiver({ worker }), refused);
      assert.throws(() => channel.sender({ worker }), refused);
      channel.sender().done();
      assert.deepEqual(await collect(channel.receiver()), []);
    });
  }
});
