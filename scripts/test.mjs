// Runs the JavaScript tests, or those whose path contains one of the arguments.

import { nodeTestFlags, runTests, tellUnexpected } from './run-tests.mjs';
import { testFiles } from './test-files.mjs';

const wanted = process.argv.slice(2);
const files = testFiles(wanted);

if (files.length === 0) {
  process.stderr.write(`No test file matches ${wanted.join(' ')}\n`);
  process.exitCode = 1;
} else {
  const { status, unexpected } = await runTests(process.execPath, [...nodeTestFlags, ...files]);
  tellUnexpected(unexpected);
  process.exitCode = unexpected.length === 0 ? (status ?? 1) : 1;
}
