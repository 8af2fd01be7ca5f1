import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const addon = fileURLToPath(new URL('..', import.meta.url));

test('what the README shows runs where the addon is installed, and prints what it says', () => {
  const text = readFileSync(join(addon, 'README.md'), 'utf8');
  const [, program, output] = /^```js\n(.*?)^```\n\n```text\n(.*?)^```$/ms.exec(text);
  const folder = mkdtempSync(join(tmpdir(), 'example-addon-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(addon, join(folder, 'node_modules', 'example-addon'), 'junction');
  writeFileSync(join(folder, 'program.mjs'), program);
  const args = [join(folder, 'program.mjs')];
  assert.equal(execFileSync(process.execPath, args, { encoding: 'utf8' }), output);
});
