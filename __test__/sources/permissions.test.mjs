// Under the permissions of Node and Deno, `readLines` and `walk` may read what `fs` may read.

import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { addonPath } from '../support/addon.mjs';
import { projectRoot, runRuntime } from '../support/child.mjs';
import { makeFolder } from '../support/folder.mjs';

const isDeno = process.versions.deno !== undefined;
const isWindows = process.platform === 'win32';
const program = join(projectRoot, '__test__', 'programs', 'restricted.mjs');

const folder = makeFolder({
  'open/.gitignore': '*.log\n',
  'open/file': 'one\ntwo\n',
  'open/inner/a.log': '',
  'open/inner/b': '',
  'closed/file': 'secret\n',
  'closed/.gitignore': '*\n',
  'linked/file': '',
  'elsewhere/file': 'another\n',
  'elsewhere/inner/c': '',
});

/** Returns the flags for Node. Its permissions only allow, so they name all parts of the folder but one. */
function nodeFlags() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const isStable = major > 22 || (major === 22 && minor >= 13);
  const allowed = [
    ...['open', 'linked', 'elsewhere'].map((name) => join(folder, name)),
    ...['__test__', 'lib', 'index.js', 'index.mjs', 'package.json', 'node_modules'].map((name) =>
      join(projectRoot, name),
    ),
    ...[process.env.ASYNC_ITERABLE_BRIDGE_ADDON, join(projectRoot, '*.node')].filter(Boolean),
    addonPath,
  ];
  return [
    isStable ? '--permission' : '--experimental-permission',
    '--no-warnings',
    '--allow-addons',
    ...allowed.map((path) => `--allow-fs-read=${path}`),
  ];
}

const denoFlags = () => [
  'run',
  '--no-prompt',
  '--allow-ffi',
  '--allow-env',
  '--allow-sys',
  '--allow-read',
  `--deny-read=${join(folder, 'closed')}`,
];

describe('where reading is restricted', { skip: globalThis.Bun !== undefined || isWindows }, () => {
  /** @type {Record<string, object[]>} */
  let results;

  before(async () => {
    symlinkSync(join('..', 'closed'), join(folder, 'linked', 'out'));
    symlinkSync(join('..', 'open'), join(folder, 'linked', 'in'));
    const flags = isDeno ? denoFlags() : nodeFlags();
    const { stdout, stderr, code } = await runRuntime([...flags, program, folder]);
    assert.equal(code, 0, stderr);
    assert.equal(stderr, '');
    results = JSON.parse(stdout);
  });

  const expectSameRefusal = (name, stream, call) => {
    assert.ok(/ERR_ACCESS_DENIED|NotCapable/.test(`${call.error.code} ${call.error.name}`), name);
    assert.deepEqual(stream, { error: call.error, state: 'failed' }, name);
  };

  it('what fs refuses is refused by the same error', () => {
    for (const name of ['file', 'bytes', 'url', 'eager', 'root', 'skippingRoot', 'relative']) {
      expectSameRefusal(name, ...results[name]);
    }
  });

  it('what fs reads is read', () => {
    assert.deepEqual(results.openFile[0].items, ['one', 'two']);
    assert.deepEqual(
      results.openTree[0].items,
      ['', '/.gitignore', '/file', '/inner', '/inner/a.log', '/inner/b'].map(
        (path) => join(folder, 'open') + path,
      ),
    );
    assert.equal(results.missing[0].error.message, results.missing[1].error.message);
  });

  it('a directory below the root is refused when it is entered', { skip: !isDeno }, () => {
    expectSameRefusal('whole', ...results.whole);
    expectSameRefusal('stat', ...results.stat);
    const [{ items, skipped }] = results.skipping;
    assert.ok(items.includes(join(folder, 'closed')));
    assert.ok(!items.includes(join(folder, 'closed', 'file')));
    assert.equal(skipped, 1);
  });

  it('a link that is followed must not lead out of what may be read', () => {
    const [{ items, skipped }] = results.following;
    const paths = ['', '/file', '/in', '/in/.gitignore', '/in/file', '/in/inner'];
    const inner = ['/in/inner/a.log', '/in/inner/b'];
    assert.deepEqual(
      items,
      [...paths, ...inner].map((path) => join(folder, 'linked') + path),
    );
    assert.equal(skipped, 1);
    assert.equal(results.links[0].items.length, 4);
  });

  it('rules of git are read where that is allowed', () => {
    assert.deepEqual(
      results.ignoring[0].items,
      ['', '/.gitignore', '/file', '/inner', '/inner/b'].map((path) => join(folder, 'open') + path),
    );
  });

  it('the path that was checked is the one that is read', () => {
    const [tree, file] = results.moved;
    assert.deepEqual(tree.items, ['inner', join('inner', 'a.log'), join('inner', 'b')]);
    assert.deepEqual(file.items, ['one', 'two']);
  });

  it('what reads nothing needs no permission', () => {
    assert.deepEqual(results.range[0].items, [0, 1, 2]);
    assert.deepEqual(results.pushed[0].items, [1]);
  });
});
