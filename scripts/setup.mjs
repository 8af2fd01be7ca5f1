// Prepares a checkout so that everything runs: checks the prerequisites, installs the development
// dependencies and builds the native addon, each only when necessary. It is plain Node without
// dependencies, because it runs before any are installed. It prints to standard error only, so that
// the output of `npm start` can be piped. With `--dependencies` it builds no addon.
//
// An addon of `npm run build:debug` counts as built until a source changes.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './lock.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

// Two set-ups at once, such as those of `npm start` and `npm test`, would build into each other's files.
const LOCK = join(root, '.cache', 'setup.lock');

// Everything that the addon is built from. A directory includes everything in it.
const ADDON_SOURCES = [
  'src',
  'crates',
  'build.rs',
  'Cargo.toml',
  'Cargo.lock',
  'rust-toolchain',
  'rust-toolchain.toml',
  '.cargo',
];

class Missing extends Error {}

function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

/** Returns the time of the last change in a file or tree. A directory's own time changes with removals. */
function newest(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  const inside = readdirSync(path).map((name) => newest(join(path, name)));
  return Math.max(stats.mtimeMs, ...inside);
}

/** Reports whether the first version is at least the second. Both may be short: 1.88 equals 1.88.0. */
function isAtLeast(version, minimum) {
  const parts = version.split('.').map(Number);
  const required = minimum.split('.').map(Number);
  const differing = required.findIndex((part, index) => (parts[index] ?? 0) !== part);
  return differing === -1 || (parts[differing] ?? 0) > required[differing];
}

function minimumOf(file, pattern) {
  return pattern.exec(readFileSync(join(root, file), 'utf8'))[1];
}

function checkNode() {
  const minimum = minimumOf('package.json', /"node": ">=([\d.]+)"/);
  const version = process.versions.node;
  if (isAtLeast(version, minimum)) return;
  throw new Missing(
    `Node.js ${minimum} or later is needed; this is ${version}. Get it from https://nodejs.org/`,
  );
}

function checkRust() {
  const minimum = minimumOf('Cargo.toml', /^rust-version = "([\d.]+)"/m);
  for (const tool of ['cargo', 'rustc']) {
    const { error, status, stdout, stderr } = spawnSync(tool, ['--version'], {
      cwd: root,
      encoding: 'utf8',
    });
    if (error?.code === 'ENOENT') {
      throw new Missing(
        `Rust ${minimum} or later is needed, but there is no \`${tool}\` on the PATH. ` +
          'Get it from https://rustup.rs/ and open a new terminal.',
      );
    }
    if (error || status !== 0) {
      throw new Missing(`\`${tool} --version\` does not run: ${error?.message ?? stderr.trim()}`);
    }
    const [version] = /\d+(\.\d+)+/.exec(stdout) ?? ['0'];
    if (!isAtLeast(version, minimum)) {
      throw new Missing(
        `Rust ${minimum} or later is needed; \`${tool}\` is ${version}. Run \`rustup update\`.`,
      );
    }
  }
}

function runNpm(args) {
  // npm states the path of its own program. Without it, Windows starts `npm.cmd` only through a shell.
  const program = process.env.npm_execpath;
  const [command, ...rest] =
    program !== undefined && basename(program) === 'npm-cli.js'
      ? [process.execPath, program, ...args]
      : ['npm', ...args];
  const { error, status } = spawnSync(command, rest, {
    cwd: root,
    shell: command === 'npm' && process.platform === 'win32',
    // Standard output is reserved for the program that runs next.
    stdio: ['ignore', 2, 2],
  });
  if (error) throw new Missing(`npm does not run: ${error.message}`);
  return status === 0;
}

function dependenciesAreFresh() {
  // npm writes this file as the last step of an installation.
  const installed = modified(join(root, 'node_modules', '.package-lock.json')) ?? 0;
  return installed >= newest(join(root, 'package-lock.json'));
}

function addonIsFresh() {
  const prefix = `async-iterable-bridge.${process.platform}-${process.arch}`;
  const built = readdirSync(root)
    .filter((name) => name.startsWith(prefix) && name.endsWith('.node'))
    .map((name) => modified(join(root, name)));
  if (built.length === 0) return false;
  const sources = Math.max(...ADDON_SOURCES.map((name) => newest(join(root, name))));
  return Math.min(...built) >= sources;
}

function installDependencies() {
  process.stderr.write('Installing the development dependencies ...\n');
  // The flags override the environment of an outer npm or a CI. No dependency needs its install
  // script.
  const flags = '--include=dev --ignore-scripts --no-dry-run --no-global --no-audit --no-fund';
  if (!runNpm(['ci', '--loglevel=error', ...flags.split(' ')])) {
    throw new Missing('`npm ci` failed; what it printed stands above.');
  }
}

function hasLinker() {
  return process.platform === 'win32' || !spawnSync('cc', ['--version']).error;
}

function buildAddon() {
  process.stderr.write('Building the native addon; the first time takes a minute or two ...\n');
  if (runNpm(['run', '--silent', 'build'])) return;
  throw new Missing(
    hasLinker()
      ? '`npm run build` failed; what it printed stands above.'
      : 'Rust needs a C linker, and there is no `cc` on the PATH. ' +
          'Install the build-essential package, gcc or clang, or the Xcode command line tools.',
  );
}

const needsAddon = !process.argv.includes('--dependencies');

function isSetUp() {
  return dependenciesAreFresh() && (!needsAddon || addonIsFresh());
}

function setUp() {
  if (!dependenciesAreFresh()) installDependencies();
  if (needsAddon && !addonIsFresh()) buildAddon();
}

function announceWait(owner) {
  process.stderr.write(`Waiting for process ${owner}, which is setting up (see ${LOCK}) ...\n`);
}

try {
  checkNode();
  checkRust();
  if (!isSetUp()) withLock(LOCK, setUp, announceWait);
} catch (error) {
  if (!(error instanceof Missing)) throw error;
  process.stderr.write(`setup: ${error.message}\n`);
  process.exitCode = 1;
}
