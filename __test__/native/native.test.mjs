// The addon that the package loads, and its errors if there is none.

import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { PLATFORMS } from '../../scripts/package/platforms.mjs';
import { addonPath } from '../support/addon.mjs';
import { projectRoot, runProgram } from '../support/child.mjs';
import { makeFolder } from '../support/folder.mjs';

const require = createRequire(import.meta.url);
const { libcOf } = require('../../lib/addon/libc.js');
const manifest = require('async-iterable-bridge/package.json');

/** Returns the code and the message of the error of loading the package of `folder`, after the code `before`. */
async function failureOf(folder, { before = '', env = {} } = {}) {
  const program = makeFolder({
    'load.cjs': `${before}
      try {
        require(${JSON.stringify(folder)});
      } catch (error) {
        const { code, message, cause } = error;
        console.log(JSON.stringify({ code, message, hasCause: cause !== undefined }));
      }`,
  });
  const { stdout, stderr } = await runProgram([join(program, 'load.cjs')], {
    env: { ...process.env, ASYNC_ITERABLE_BRIDGE_ADDON: '', ...env },
  });
  assert.equal(stderr, '');
  return JSON.parse(stdout);
}

/** Makes the package as it is installed, without an addon. */
function packageWithoutAddon() {
  const folder = makeFolder({});
  for (const path of ['package.json', ...manifest.files]) {
    cpSync(join(projectRoot, path), join(folder, path), { recursive: true });
  }
  return folder;
}

describe('the addon of a platform', () => {
  it('has a package that npm installs there, of the same version', () => {
    const loader = readFileSync(join(projectRoot, 'lib/addon/native.js'), 'utf8');
    const loaded = Array.from(loader.matchAll(/'(.+)': \(\) => require\('(.+)'\)/g));
    assert.deepEqual(
      loaded.map(([, name, required]) => [name, required]),
      PLATFORMS.map(({ name, manifest: { name: packageName } }) => [name, packageName]),
    );
    for (const { name, manifest: own } of PLATFORMS) {
      const { os, cpu, libc = [] } = own;
      const [system, processor, abi] = name.split('-');
      assert.deepEqual([os, cpu], [[system], [processor]]);
      assert.deepEqual(libc, { gnu: ['glibc'], musl: ['musl'] }[abi] ?? []);
      assert.deepEqual([own.main, own.files], [`${manifest.name}.${name}.node`, [own.main]]);
      for (const field of ['version', 'license', 'engines', 'bugs', 'homepage']) {
        assert.deepEqual(own[field], manifest[field], field);
      }
    }
  });

  it('is named, with the way to build it, where there is none', async () => {
    const before = `Object.defineProperty(process, 'platform', { value: 'sunos' });
      Object.defineProperty(process, 'arch', { value: 'sparc' });`;
    const { code, message, hasCause } = await failureOf(packageWithoutAddon(), { before });
    assert.equal(code, 'ERR_ADDON_UNAVAILABLE');
    assert.match(
      message,
      /no prebuilt addon of async-iterable-bridge for sunos-sparc\. .*`npm run build`/,
    );
    assert.equal(hasCause, false);
  });

  it('is missed if its package is not installed', async () => {
    const { code, message, hasCause } = await failureOf(packageWithoutAddon());
    assert.equal(code, 'ERR_ADDON_UNAVAILABLE');
    assert.match(message, /for \S+ cannot be loaded: .*--omit=optional/);
    assert.ok(message.includes(`for ${process.platform}-${process.arch}`));
    assert.ok(hasCause);
  });

  it('may be missing from a program that imports the package and catches that', async () => {
    const program = join(packageWithoutAddon(), 'load.mjs');
    const load = "await import('./index.mjs').catch(({ code }) => console.log(code));";
    writeFileSync(program, load);
    const ending = await runProgram([program], {
      env: { ...process.env, ASYNC_ITERABLE_BRIDGE_ADDON: '' },
    });
    const stdout = 'ERR_ADDON_UNAVAILABLE\n';
    assert.deepEqual(ending, { code: 0, signal: null, stdout, stderr: '' });
  });

  it('may be given by its path', async () => {
    const env = { ASYNC_ITERABLE_BRIDGE_ADDON: join(projectRoot, 'package.json') };
    const { code, message } = await failureOf(packageWithoutAddon(), {
      env: { ASYNC_ITERABLE_BRIDGE_ADDON: join(projectRoot, 'missing.node') },
    });
    assert.equal(code, 'ERR_ADDON_UNAVAILABLE');
    assert.match(message, /missing\.node/);
    assert.equal((await failureOf(packageWithoutAddon(), { env })).code, 'ERR_ADDON_VERSION');
  });

  it('is not of another version', async () => {
    const { code, message } = await failureOf(packageWithoutAddon(), {
      env: { ASYNC_ITERABLE_BRIDGE_ADDON: addonPath },
    });
    assert.equal(code, 'ERR_ADDON_VERSION');
    assert.match(message, /is of an unknown version, but async-iterable-bridge is \d+\.\d+\.\d+/);
  });
});

describe('the C library of a process', () => {
  /** Makes an ELF file of 64 bits with the path of its loader at the end, where patchelf puts it. */
  function executableWith(loader) {
    const header = Buffer.alloc(64 + 2 * 56);
    header.write('\x7fELF\x02\x01', 'latin1');
    header.writeBigUInt64LE(64n, 32);
    header.writeUInt16LE(56, 54);
    header.writeUInt16LE(2, 56);
    header.writeUInt32LE(1, 64);
    header.writeUInt32LE(3, 120);
    header.writeBigUInt64LE(8192n, 128);
    header.writeBigUInt64LE(BigInt(loader.length), 152);
    const file = Buffer.concat([header, Buffer.alloc(8192 - header.length), Buffer.from(loader)]);
    return join(makeFolder({ executable: file }), 'executable');
  }

  it('is the one whose loader its executable names', () => {
    assert.equal(libcOf(executableWith('/lib/ld-musl-x86_64.so.1\0')), 'musl');
    assert.equal(libcOf(executableWith('/lib64/ld-linux-x86-64.so.2\0')), 'gnu');
  });

  it('is taken for glibc where that cannot be told', () => {
    const folder = makeFolder({ short: '\x7fELF', empty: '', script: '#!/bin/sh\n/lib/ld-musl-x' });
    for (const name of ['short', 'empty', 'script', 'missing']) {
      assert.equal(libcOf(join(folder, name)), 'gnu', name);
    }
  });
});
