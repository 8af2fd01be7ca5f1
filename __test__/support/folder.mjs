// Folders that a test makes for itself.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';

/**
 * A new folder, removed after the tests of whoever makes it.
 *
 * @param {Record<string, string | Uint8Array>} files - Their contents by relative path.
 * @param {string} parent - Where to make it.
 */
export function makeFolder(files, parent = tmpdir()) {
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'async-iterable-bridge-'));
  // Windows keeps a file that a cancelled stream is about to close.
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return folder;
}
