// The npm packages that are not published.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { objectionsTo } from '../../scripts/package/pack.mjs';
import { PLATFORMS } from '../../scripts/package/platforms.mjs';
import { makeFolder } from '../support/folder.mjs';
import { machO } from '../support/mach-o.mjs';

/** Returns the smallest file that counts as an addon of a platform. */
function addonFor(name) {
  if (name.endsWith('-gnu')) return '\0GLIBC_2.17\0';
  return name.startsWith('darwin-') ? machO(11, { isSigned: true }) : '';
}

/** The packages of all platforms, as far as their addons go. */
const packed = () =>
  PLATFORMS.map(({ name, manifest }) => ({
    name: manifest.name,
    folder: makeFolder({ [manifest.main]: addonFor(name) }),
  }));

describe('the npm packages', () => {
  it('are published if every platform has its addon', () => {
    assert.deepEqual(objectionsTo(packed()), []);
  });

  it('are not published without one of the platforms', () => {
    for (const { name, manifest } of PLATFORMS) {
      const others = packed().filter((candidate) => candidate.name !== manifest.name);
      assert.deepEqual(objectionsTo(others), [`${name} is not built`]);
    }
  });

  it('are not published with an addon that asks for more than is promised', () => {
    const packages = packed();
    const { manifest } = PLATFORMS.find(({ name }) => name === 'linux-x64-gnu');
    const { folder } = packages.find(({ name }) => name === manifest.name);
    writeFileSync(join(folder, manifest.main), '\0GLIBC_2.34\0');
    assert.deepEqual(objectionsTo(packages), [
      'linux-x64-gnu asks for glibc 2.34; 2.17 is promised',
    ]);
  });
});
