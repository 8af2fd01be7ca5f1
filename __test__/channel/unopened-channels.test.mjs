// Channels that were made and never opened: the list that has them, the way to give them up, and their memory.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Channel, openStreams } from 'async-iterable-bridge';
import { runProgram } from '../support/child.mjs';
import { collectGarbage } from '../support/garbage.mjs';
import { expectNoChannels } from '../support/handles.mjs';
import { until } from '../support/scripted-streams.mjs';

expectNoChannels();

const listed = () => openStreams().filter(({ kind }) => kind === 'channel');

/** The most bytes of such a channel, in JavaScript and in Rust together. */
const MOST_BYTES = 1024;

describe('a channel that was never opened', () => {
  it('is listed by openStreams(), with its age and without a thread', async () => {
    const old = new Channel({ capacity: 7 });
    await until(() => listed()[0].age >= 20, 'the age');
    const young = new Channel();
    const [{ age, ...rest }, { age: younger }] = listed().sort((a, b) => b.age - a.age);
    assert.ok(age >= 20 && younger < age, `${age}, ${younger}`);
    assert.deepEqual(rest, {
      kind: 'channel',
      isAwaited: false,
      pushed: 0,
      dropped: 0,
      skipped: 0,
      buffered: 0,
      bufferedBytes: 0,
      capacity: 7,
      wakes: 0,
      producerWaits: 0,
      state: 'idle',
      delivered: 0,
      threadId: undefined,
    });
    for (const channel of [old, young]) await giveUp(channel);
  });

  it('stays when its object is forgotten, as its handle may be anywhere', async () => {
    const handle = (() => new Channel().handle)();
    collectGarbage();
    assert.equal(listed().length, 1);
    await giveUp(Channel.from(handle));
    assert.deepEqual(listed(), []);
  });

  it('is given up by leaving its receiver, which is the end of the handle', async () => {
    const channel = new Channel();
    await giveUp(channel);
    assert.throws(() => Channel.from(channel.handle), { code: 'ERR_CHANNEL_NOT_FOUND' });
  });

  it('costs at most 1 KiB', async () => {
    const program = fileURLToPath(new URL('../programs/unopened-channels.mjs', import.meta.url));
    const { code, stdout, stderr } = await runProgram([program, '100000']);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    const { resident, heap } = JSON.parse(stdout);
    assert.ok(resident <= MOST_BYTES && heap <= MOST_BYTES / 2, stdout);
  });
});

/** Opens both ends, because a channel without a receiver waits for late senders, and ends them. */
async function giveUp(channel) {
  channel.sender().done();
  await channel.receiver().return();
}
