// Items that are pushed while a thread or a process exits arrive, in whatever way it exits.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Channel } from 'async-iterable-bridge';
import { expectExit } from '../support/ending.mjs';
import { expectNoChannels } from '../support/handles.mjs';
import { startWorker } from '../support/workers.mjs';

expectNoChannels();

const WAYS = ['exit', 'throw', 'reject', 'nothing'];

/** Collects all items up to the end of the sender's thread. */
async function lastWords(role, given) {
  const channel = new Channel();
  const receiver = channel.receiver();
  const { end } = startWorker(role, { handle: channel.handle, ...given }, 'exiting-worker');
  const items = [];
  await assert.rejects(
    async () => {
      for await (const item of receiver) items.push(item);
    },
    { code: 'ERR_PRODUCER_TERMINATED' },
  );
  await end;
  return items;
}

describe("what a worker pushes in its handlers of 'exit' arrives", () => {
  for (const way of WAYS) {
    it(`when it ends by ${way}`, async () => {
      assert.deepEqual(await lastWords('pushInHandlers', { way }), [
        'first',
        ...['before', 'before, sent', 'after', 'after, sent', 'after, large'],
      ]);
    });

    it(`when it has pushed nothing before, and ends by ${way}`, async () => {
      assert.deepEqual(await lastWords('openInHandler', { way }), ['last words']);
    });
  }

  it('with the end of its sender', async () => {
    const channel = new Channel();
    startWorker('endInHandler', { handle: channel.handle }, 'exiting-worker');
    const items = [];
    for await (const item of channel.receiver()) items.push(item);
    assert.deepEqual(items, ['first', 'last words']);
  });
});

// Deno emits no such event in its main thread after an uncaught error.
const MAIN_WAYS = process.versions.deno ? ['exit', 'nothing'] : WAYS;

describe("what the main thread pushes in its handlers of 'exit' is in the buffer", () => {
  for (const way of MAIN_WAYS) {
    it(`when it ends by ${way}`, async () => {
      const code = way === 'throw' || way === 'reject' ? 1 : 0;
      await expectExit(['exiting-worker', way], { lines: ['1 2 3'], code });
    });
  }
});
