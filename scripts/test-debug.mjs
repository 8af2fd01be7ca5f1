// Runs the tests of ends against addons of the debug profile, whose checks and slowness find what
// the release profile hides: `npm run test:debug`. What is built replaces nothing.

import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeTestFlags, runTests, tellUnexpected } from './run-tests.mjs';
import { root, testFiles } from './test-files.mjs';

const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target');
const [prefix, suffix] = {
  win32: ['', 'dll'],
  darwin: ['lib', 'dylib'],
}[process.platform] ?? ['lib', 'so'];

/** The addon of a package that is built, under a name by which Node loads it. */
function addonOf(name) {
  const addon = join(target, 'debug', `${name}.node`);
  copyFileSync(join(target, 'debug', `${prefix}${name.replaceAll('-', '_')}.${suffix}`), addon);
  return addon;
}

// Not the whole workspace: the benchmarks' addon would give the others features that they do not use.
const packages = ['async-iterable-bridge-node', 'async-iterable-bridge-test-addon'];
const build = ['build', '--quiet', ...packages.flatMap((name) => ['-p', name])];
const built = spawnSync('cargo', build, { cwd: root, stdio: 'inherit' }).status ?? 1;
if (built !== 0) {
  process.exitCode = built;
} else {
  const files = testFiles(['endings', 'contract', 'port']);
  const { status, unexpected } = await runTests(process.execPath, [...nodeTestFlags, ...files], {
    env: {
      ...process.env,
      ASYNC_ITERABLE_BRIDGE_ADDON: addonOf('async-iterable-bridge-node'),
      TEST_ADDON: addonOf('async-iterable-bridge-test-addon'),
    },
  });
  tellUnexpected(unexpected);
  process.exitCode = unexpected.length === 0 ? (status ?? 1) : 1;
}
