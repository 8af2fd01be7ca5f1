// Runs the JavaScript tests: every __test__/**/*.test.mjs, or those whose path contains one of the
// arguments. Node 20 has no globs for `--test`, and a shell's are not the same everywhere.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = '__test__';

const wanted = process.argv.slice(2);
const files = readdirSync(join(root, folder), { recursive: true })
  .filter((name) => name.endsWith('.test.mjs'))
  .map((name) => join(folder, name))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort();

if (files.length === 0) {
  process.stderr.write(`No test file matches ${wanted.join(' ')}\n`);
  process.exitCode = 1;
} else {
  const { status } = spawnSync(process.execPath, ['--test', ...files], {
    cwd: root,
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}
