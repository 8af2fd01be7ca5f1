// Builds the addon that the tests drive, __test__/addon, into .cache/test-addon.node. cargo itself
// knows whether there is anything to do.

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const NAME = 'async_iterable_bridge_test_addon';

function libraryName() {
  if (process.platform === 'win32') return `${NAME}.dll`;
  return process.platform === 'darwin' ? `lib${NAME}.dylib` : `lib${NAME}.so`;
}

const args = ['build', '--release', '--quiet', '--package', NAME.replaceAll('_', '-')];
const { status } = spawnSync('cargo', args, { cwd: root, stdio: ['ignore', 2, 2] });
if (status === 0) {
  const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target');
  const addon = join(root, '.cache', 'test-addon.node');
  mkdirSync(join(root, '.cache'), { recursive: true });
  // Renamed into place: another test run may have loaded the old one.
  copyFileSync(join(target, 'release', libraryName()), `${addon}.new`);
  renameSync(`${addon}.new`, addon);
}
process.exitCode = status ?? 1;
