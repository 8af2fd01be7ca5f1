// Temporary folders of a test.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';

/**
 * Makes a new folder, and removes it after the tests of the suite that makes it.
 *
 * @param {Record<string, string | Uint8Array>} files - Their contents by relative path.
 * @param {string} parent - The folder in which to make it.
 */
export function makeFolder(files, parent = tmpdir()) {
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'async-iterable-bridge-'));
  // Windows does not delete a file that a cancelled stream is about to close.
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return folder;
}
