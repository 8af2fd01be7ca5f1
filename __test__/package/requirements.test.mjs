// The check refuses an addon that needs more than the package promises.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { PLATFORMS } from '../../scripts/package/platforms.mjs';
import { isNewer, PROMISES, requirementOf } from '../../scripts/package/requirements.mjs';
import { projectRoot } from '../support/child.mjs';
import { makeFolder } from '../support/folder.mjs';
import { machO } from '../support/mach-o.mjs';

const fileWith = (content) => join(makeFolder({ addon: content }), 'addon');

const machOFile = (...given) => fileWith(machO(...given));

describe('what an addon asks for', () => {
  it('is compared as versions are', () => {
    assert.ok(isNewer('2.28', '2.3'));
    assert.ok(isNewer('2.3.1', '2.3'));
    assert.ok(!isNewer('2.3', '2.3'));
    assert.ok(!isNewer('2.9', '2.17'));
  });

  it('is the newest glibc that it names', () => {
    const old = fileWith('\0GLIBC_2.2.5\0GLIBC_2.17\0GLIBC_2.9\0');
    assert.equal(requirementOf('linux-x64-gnu', old), 'glibc 2.17');
    const young = fileWith('\0GLIBC_2.2.5\0GLIBC_2.34\0');
    assert.throws(() => requirementOf('linux-x64-gnu', young), {
      message: /2\.34; 2\.17 is promised/,
    });
    assert.throws(() => requirementOf('linux-x64-gnu', fileWith('')), { message: /no version/ });
  });

  it('is no glibc where there is musl', () => {
    assert.equal(requirementOf('linux-x64-musl', fileWith('\0libc.so\0')), 'musl');
    const wrong = fileWith('\0GLIBC_2.2.5\0');
    assert.throws(() => requirementOf('linux-x64-musl', wrong), { message: /is for musl/ });
  });

  it('is an old macOS, and a signature on arm64', () => {
    assert.equal(requirementOf('darwin-arm64', machOFile(11, { isSigned: true })), 'macOS 11.0');
    assert.equal(requirementOf('darwin-x64', machOFile(10, { isSigned: false })), 'macOS 10.0');
    for (const [name, file] of [
      ['darwin-arm64', machOFile(11, { isSigned: false })],
      ['darwin-x64', machOFile(13, { isSigned: true })],
    ]) {
      assert.throws(() => requirementOf(name, file), {
        message: /not signed|asks for macOS 13\.0/,
      });
    }
  });

  it('is refused with a path of the machine that has built it', () => {
    for (const path of [
      join(projectRoot, 'src', 'lib.rs'),
      join(process.env.CARGO_HOME ?? join(homedir(), '.cargo'), 'registry', 'src', 'lib.rs'),
      '/home/runner/work/project/target/release/deps/library.dylib',
      '/Users/runner/.cargo/registry/src/lib.rs',
      'C:\\Users\\runner\\.cargo\\registry\\src\\lib.rs',
      'D:\\a\\project\\target\\library.pdb',
    ]) {
      const addon = fileWith(`\0GLIBC_2.17\0a message${path}`);
      assert.throws(() => requirementOf('linux-x64-gnu', addon), { message: /was built/ }, path);
    }
    const remapped = fileWith(
      '\0GLIBC_2.17\0cargo/registry/src/lib.rs/rustc/1a2b/library/core/lib.rs',
    );
    assert.equal(requirementOf('linux-x64-gnu', remapped), 'glibc 2.17');
  });

  it('stands in the documentation', () => {
    const document = readFileSync(join(projectRoot, 'docs/platforms.md'), 'utf8');
    const promised = {
      gnu: `glibc ${PROMISES.glibc}`,
      musl: 'musl 1.2',
      darwin: `macOS ${PROMISES.macOS}`,
    };
    for (const { name, manifest } of PLATFORMS) {
      const row = document.split('\n').find((line) => line.includes(`\`${manifest.name}\``));
      const [system, , abi] = name.split('-');
      assert.ok(row?.includes(promised[abi] ?? promised[system] ?? 'Windows 1'), name);
    }
  });
});
