// Realms that each load the package: the test files of a runner, contexts of node:vm, hot reloads.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { collect } from '../support/channels.mjs';
import { runProgram } from '../support/child.mjs';
import { collectGarbage } from '../support/garbage.mjs';
import { expectNoHandles } from '../support/handles.mjs';
import { turn, until } from '../support/scripted-streams.mjs';

expectNoHandles();

const require = createRequire(import.meta.url);
const entry = require.resolve('async-iterable-bridge');

const programPath = (name) => fileURLToPath(new URL(`../programs/${name}.mjs`, import.meta.url));

/** Loads the package once more, with another instance of the addon or with the existing one. */
function loadAgain({ withAddon = false } = {}) {
  const folder = dirname(entry);
  for (const path of Object.keys(require.cache)) {
    if (path.startsWith(folder) && (withAddon || !path.endsWith('.node'))) {
      delete require.cache[path];
    }
  }
  return createRequire(import.meta.url)(entry);
}

const REALMS = 20;

const realms = {
  contexts: 'a context of node:vm',
  reloads: 'a realm that was taken out of require.cache',
  addons: 'a realm that was taken out of require.cache, with the addon,',
};
for (const [kind, description] of Object.entries(realms)) {
  describe(`${description} that has used streams`, () => {
    it('is collected once it is forgotten', async () => {
      const program = [programPath('collected-realms'), kind, String(REALMS)];
      const { code, stdout, stderr } = await runProgram(program);
      assert.deepEqual({ code, left: stdout, stderr }, { code: 0, left: '0', stderr: '' });
    });
  });
}

describe('a realm that has loaded the package', () => {
  it('gets what comes for a consumer that waits, although nothing refers to it', async () => {
    const { Channel } = loadAgain();
    const channel = new Channel();
    const sender = channel.sender();
    const received = [];
    const read = async ({ handle }) => {
      const loaded = loadAgain();
      for await (const item of loaded.Channel.from(handle).receiver()) received.push(item);
      received.push('the end');
    };
    read(channel);
    loadAgain();
    for (let count = 0; count < 10; count++) {
      await turn();
      collectGarbage();
    }
    sender.push('late');
    sender.done();
    await until(() => received.length === 2, 'the item and the end');
    assert.deepEqual(received, ['late', 'the end']);
  });
});

for (const withAddon of [false, true]) {
  const which = withAddon ? 'with the addon' : 'without the addon';
  describe(`openStreams() of an environment that has loaded the package several times, ${which}`, () => {
    it('lists each stream once', async () => {
      const packages = [0, 1, 2].map(() => loadAgain({ withAddon }));
      const channels = packages.map(({ Channel }) => new Channel());
      const streams = packages.map(({ range }) => range(0, 1));
      for (const { openStreams } of packages) {
        const kinds = openStreams().map(({ kind }) => kind);
        assert.deepEqual(kinds.sort(), [
          'channel',
          'channel',
          'channel',
          'range',
          'range',
          'range',
        ]);
      }
      for (const stream of streams) await stream.return();
      for (const channel of channels) {
        channel.sender().done();
        assert.deepEqual(await collect(channel.receiver()), []);
      }
    });
  });
}

describe('what a process waits for', () => {
  it('is nothing of the package while no consumer waits for another thread', async () => {
    const { code, stdout, stderr } = await runProgram([programPath('open-handles')]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    const seen = JSON.parse(stdout);
    assert.deepEqual(
      { loaded: seen.loaded, read: seen.read, left: seen.left },
      { loaded: [], read: [], left: [] },
    );
    // Bun and Deno do not report such handles.
    const isNode = process.versions.bun === undefined && process.versions.deno === undefined;
    assert.deepEqual(seen.waiting, isNode ? ['async-iterable-bridge'] : []);
  });
});
