// Checks, builds and tests examples/addon, a package of its own: `npm run test:example`. The addon is
// the same as that of its own `npm run build`, without an `npm install` in its folder.

import { spawnSync } from 'node:child_process';
import { copyFileSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../examples/addon', import.meta.url));
const target = resolve(folder, process.env.CARGO_TARGET_DIR ?? 'target');
const [prefix, suffix] = {
  win32: ['', 'dll'],
  darwin: ['lib', 'dylib'],
}[process.platform] ?? ['lib', 'so'];

function run(command, ...args) {
  const { error, status } = spawnSync(command, args, { cwd: folder, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

run('cargo', 'fmt', '--check');
// The tests and the addon both use the release profile, so SQLite is compiled only once.
const build = ['--release', '--quiet', '--locked'];
run('cargo', 'clippy', ...build, '--', '-D', 'warnings');
run('cargo', 'build', ...build);

// The file is renamed into place because another run may have loaded the old one.
const addon = join(folder, 'example-addon.node');
copyFileSync(join(target, 'release', `${prefix}example_addon.${suffix}`), `${addon}.new`);
renameSync(`${addon}.new`, addon);

const tests = ['logs', 'frames', 'rows', 'readme'].map((name) =>
  join('__test__', `${name}.test.mjs`),
);
run(process.execPath, '--test', '--test-timeout=60000', ...tests);
