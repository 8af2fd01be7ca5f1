// What docs/architecture.md says about files and about which part knows which.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

const root = new URL('../../', import.meta.url);
const architecture = readFileSync(new URL('docs/architecture.md', root), 'utf8');

const CRATE = 'crates/async-iterable-bridge/src/';

/** Returns the sources below a folder, without tests. */
function sourcesIn(folder, extension) {
  return readdirSync(new URL(folder, root), { recursive: true })
    .map((path) => `${folder}${path}`.replaceAll('\\', '/'))
    .filter((path) => path.endsWith(extension) && !/\/tests?[^/]*(\/|\.rs$)/.test(path));
}

const textOf = (path) => readFileSync(new URL(path, root), 'utf8');

describe('docs/architecture.md', () => {
  it('names files and folders that exist, and for each part some tests', () => {
    const table = architecture.slice(architecture.indexOf('## Where to look'));
    const rows = table
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .slice(2);
    assert.ok(rows.length > 10);
    for (const row of rows) {
      const [, , files, tests] = row.split('|');
      for (const column of [files, tests]) {
        const paths = [...column.matchAll(/`([^`]+)`/g)].map(([, path]) => path);
        assert.ok(paths.length > 0, `a row without paths: ${row}`);
        for (const path of paths)
          assert.ok(existsSync(new URL(path, root)), `${path} is not there`);
      }
    }
  });

  it('draws the paths of items with files that exist', () => {
    const folders = ['', 'crates/async-iterable-bridge/src/'];
    const drawn = architecture
      .split('```')
      .filter((_, index) => index % 2 === 1)
      .join('\n');
    const names = new Set(drawn.match(/\b[\w/-]+\.(?:rs|js)\b/g));
    assert.ok(names.size > 15);
    for (const name of names) {
      const isThere = folders.some((folder) => existsSync(new URL(folder + name, root)));
      assert.ok(
        isThere || existsSync(new URL(`src/channel/${name}`, root)),
        `${name} is not there`,
      );
    }
  });

  it('is right about which part knows which', () => {
    for (const path of sourcesIn(`${CRATE}queue/`, '.rs')) {
      assert.doesNotMatch(textOf(path), /crate::(js|item)\b|\bnapi\b/, path);
    }
    for (const path of sourcesIn(CRATE, '.rs')) {
      assert.doesNotMatch(textOf(path), /async_iterable_bridge_node/, path);
      if (path.startsWith(`${CRATE}js/napi`)) continue;
      assert.doesNotMatch(textOf(path), /\bunsafe (\{|fn|impl|extern)/, path);
    }
    for (const path of sourcesIn('src/', '.rs')) {
      assert.doesNotMatch(textOf(path), /\bunsafe (\{|fn|impl|extern)/, path);
    }
  });
});
