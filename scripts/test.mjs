// Runs the JavaScript tests, or those whose path contains one of the arguments.

import { spawnSync } from 'node:child_process';
import { root, testFiles } from './test-files.mjs';

const wanted = process.argv.slice(2);
const files = testFiles(wanted);

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
