// Runs the JavaScript tests under every runtime that the package supports: `npm run test:runtimes`,
// or `npm run test:runtimes -- node-22 bun` for some of them.

import { spawnSync } from 'node:child_process';
import { runTests, tellUnexpected } from './run-tests.mjs';
import { installRuntime, RUNTIMES } from './runtimes/list.mjs';
import { testFiles } from './test-files.mjs';

const files = testFiles();

/** Several times what the slowest runtime needs. A test run that hangs is a failure. */
const TIME_LIMIT_MILLISECONDS = 15 * 60_000;

/** Returns the numbers in the last lines of the output of any of the test runners. */
function countTests(output) {
  const number = (...patterns) => {
    for (const pattern of patterns) {
      const match = [...output.matchAll(pattern)].at(-1);
      if (match !== undefined) return Number(match[1]);
    }
    return 0;
  };
  return {
    passed: number(/^(?:#|ℹ) pass (\d+)/gm, /^\s*(\d+) pass$/gm, /\| (\d+) passed/g),
    failed: number(/^(?:#|ℹ) fail (\d+)/gm, /^\s*(\d+) fail$/gm, /passed.*\| (\d+) failed/g),
  };
}

async function run(runtime) {
  const binary = installRuntime(runtime);
  const { stdout: version } = spawnSync(binary, ['--version'], { encoding: 'utf8' });
  process.stdout.write(`\n== ${runtime.name} (${version.split('\n')[0].trim()})\n`);
  const { status, output, unexpected } = await runTests(binary, runtime.test(files), {
    expected: runtime.expected,
    captured: runtime.captured,
    isQuiet: true,
    timeout: TIME_LIMIT_MILLISECONDS,
    killSignal: 'SIGKILL',
    env: { ...process.env, NO_COLOR: '1', RUST_BACKTRACE: '0' },
  });
  const counts = countTests(output);
  const hasPassed = status === 0 && counts.passed > 0;
  if (!hasPassed) process.stdout.write(`${output}\n`);
  tellUnexpected(unexpected);
  return { ...runtime, ...counts, hasPassed: hasPassed && unexpected.length === 0 };
}

const wanted = process.argv.slice(2);
const chosen = RUNTIMES.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const results = [];
for (const runtime of chosen) results.push(await run(runtime));
process.stdout.write('\nruntime   passed  failed\n');
for (const { name, passed, failed, hasPassed } of results) {
  const columns = [name.padEnd(8), String(passed).padStart(8), String(failed).padStart(8)];
  process.stdout.write(`${columns.join('')}  ${hasPassed ? 'ok' : 'FAILED'}\n`);
}
process.exitCode = results.length > 0 && results.every(({ hasPassed }) => hasPassed) ? 0 : 1;
