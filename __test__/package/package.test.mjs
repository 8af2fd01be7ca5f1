// The package as its users see it: its exports, the ways to import them, and the published files.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import * as imported from 'async-iterable-bridge';
import { builtPlatforms, stageMain, stagePlatform } from '../../scripts/package/stage.mjs';
import { projectRoot, runProgram } from '../support/child.mjs';
import { makeFolder } from '../support/folder.mjs';

const NAMES = [
  'AsyncIterableBridge',
  'AsyncIterableBridgeCaller',
  'AsyncIterableBridgeHandler',
  'Channel',
  'IteratorEventType',
  'createAsyncIterable',
  'createEventBus',
  'eventBusMetrics',
  'openStreams',
  'range',
  'readLines',
  'walk',
];

const require = createRequire(import.meta.url);
const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));

describe('the package', () => {
  it('exports the same names to import and to require', () => {
    assert.deepEqual(Object.keys(imported).sort(), NAMES);
    assert.deepEqual(Object.keys(require('async-iterable-bridge')).sort(), NAMES);
  });

  it('gives the same functions to both', () => {
    assert.deepEqual({ ...imported }, { ...require('async-iterable-bridge') });
  });

  it('exports its package.json and nothing that is internal', async () => {
    assert.equal(require('async-iterable-bridge/package.json').version, manifest.version);
    for (const internal of ['lib/support/options.js', 'lib/addon/native.js', 'index.js']) {
      assert.throws(() => require(`async-iterable-bridge/${internal}`), internal);
      await assert.rejects(import(`async-iterable-bridge/${internal}`), internal);
    }
  });

  it('makes streams of its class, which has no public constructor', () => {
    assert.ok(imported.range(0, 1) instanceof imported.AsyncIterableBridge);
    assert.throws(() => new imported.AsyncIterableBridge(), TypeError);
  });

  it('names documents, which are not published with it, by their address', () => {
    const address = `${manifest.repository.url.replace(/^git\+|\.git$/g, '')}/blob/main/`;
    const inLib = readdirSync(join(projectRoot, 'lib'), { recursive: true });
    const named = ['index.d.ts', ...inLib.map((name) => join('lib', name))]
      .map((name) => join(projectRoot, name))
      .filter((path) => path.endsWith('.d.ts'))
      .map((path) => readFileSync(path, 'utf8'))
      .flatMap((text) => text.match(/[^\s(]*docs\/[\w-]+\.md/g) ?? []);
    assert.ok(named.length > 0);
    for (const name of named) {
      assert.ok(name.startsWith(address), name);
      assert.ok(existsSync(join(projectRoot, name.slice(address.length))), name);
    }
  });

  it('depends on nothing', () => {
    assert.equal(manifest.dependencies, undefined);
  });

  it('works from the files that are published', async () => {
    const program = `
      for await (const number of range(0, 3)) process.stdout.write(String(number));
    `;
    const folder = makeFolder({
      'package.json': '{}',
      'esm.mjs': `import { range } from 'async-iterable-bridge';${program}`,
      'commonjs.cjs': `const { range } = require('async-iterable-bridge');(async () => {${program}})();`,
    });
    stageMain(join(folder, 'node_modules', manifest.name));
    for (const platform of builtPlatforms({ takesLocal: true })) {
      stagePlatform(platform, platform.built, join(folder, 'node_modules', platform.manifest.name));
    }
    for (const name of ['esm.mjs', 'commonjs.cjs']) {
      const { code, stdout, stderr } = await runProgram([join(folder, name)], { cwd: folder });
      assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '012', stderr: '' });
    }
  });
});
