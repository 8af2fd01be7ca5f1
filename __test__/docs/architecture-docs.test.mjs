// What docs/architecture.md says about files and about which part knows which.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

const root = new URL('../../', import.meta.url);
const architecture = readFileSync(new URL('docs/architecture.md', root), 'utf8');

const CRATE = 'crates/async-iterable-bridge/src/';
const CHANNEL = 'crates/channel/src/';

/** Returns the sources below a folder, without tests. */
function sourcesIn(folder, extension) {
  return readdirSync(new URL(folder, root), { recursive: true })
    .map((path) => `${folder}${path}`.replaceAll('\\', '/'))
    .filter((path) => path.endsWith(extension) && !/\/tests?[^/]*(\/|\.rs$)/.test(path));
}

const UNSAFE = /\bunsafe (\{|fn|impl|extern)/;

const textOf = (path) => readFileSync(new URL(path, root), 'utf8');

/** Returns a source without its comments and the tests at its end. */
const codeOf = (path) =>
  textOf(path)
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/^#\[cfg\(all\(test[\s\S]*/m, '');

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
    /** What the sources of a folder or file of the crate must not name, beside tests and documentation. */
    const unknown = {
      'error/': /crate::(item|stream|js)\b/,
      'queue/': /crate::(item|stream|js)\b|\bnapi\b/,
      'item/': /crate::(stream|js)\b|\bnapi::/,
      'stream/': /crate::js\b|\bnapi::/,
      'js/napi/': /crate::(stream|queue|js::(?!napi::))|\bsuper::super\b/,
      'js/wake_list.rs': /\b(hub|native_stream|exports)::/,
      'js/requests.rs': /\b(hub|exports)::/,
      'js/abort_signal.rs': /\b(hub|exports)::/,
      'js/native_stream.rs': /\b(hub|exports|napi)::/,
      'js/hub.rs': /\bexports\b/,
      'js/hub/': /\bexports\b/,
    };
    for (const [part, names] of Object.entries(unknown)) {
      const paths = part.endsWith('/') ? sourcesIn(CRATE + part, '.rs') : [CRATE + part];
      assert.ok(paths.length > 0, part);
      for (const path of paths) assert.doesNotMatch(codeOf(path), names, path);
    }
    for (const path of sourcesIn(CHANNEL, '.rs')) {
      assert.doesNotMatch(codeOf(path), /async_iterable_bridge\b|\bnapi\b|\bprometheus\b/, path);
    }
    for (const path of sourcesIn('src/', '.rs')) {
      if (path.startsWith('src/channel/')) continue;
      assert.doesNotMatch(codeOf(path), /async_iterable_bridge_channel/, path);
    }
    const sources = [CRATE, CHANNEL, 'src/'].flatMap((folder) => sourcesIn(folder, '.rs'));
    for (const path of sources) {
      if (path.startsWith(`${CRATE}js/napi/`)) continue;
      assert.doesNotMatch(codeOf(path), UNSAFE, path);
    }
  });
});
