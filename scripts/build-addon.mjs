// Builds an addon that only this project uses, `node scripts/build-addon.mjs NAME`, into
// .cache/NAME-addon.node: `test` is __test__/addon, `soak` the same with fewer features, and `benchmark`
// is benchmark/addon. cargo itself decides whether anything has to be built.

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [name] = process.argv.slice(2);
const isSoak = name === 'soak';
const crate = `async-iterable-bridge-${isSoak ? 'test' : name}-addon`;

function libraryName() {
  const library = crate.replaceAll('-', '_');
  if (process.platform === 'win32') return `${library}.dll`;
  return process.platform === 'darwin' ? `lib${library}.dylib` : `lib${library}.so`;
}

const features = isSoak ? ['--no-default-features'] : [];
const args = ['build', '--release', '--quiet', '--package', crate, ...features];
const { status } = spawnSync('cargo', args, { cwd: root, stdio: ['ignore', 2, 2] });
if (status === 0) {
  const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target');
  const addon = join(root, '.cache', `${name}-addon.node`);
  mkdirSync(join(root, '.cache'), { recursive: true });
  // The file is renamed into place because another run may have loaded the old one.
  copyFileSync(join(target, 'release', libraryName()), `${addon}.new`);
  renameSync(`${addon}.new`, addon);
}
process.exitCode = status ?? 1;
