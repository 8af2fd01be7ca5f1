// Runs the tests of ends against addons of the debug profile: `npm run test:debug`. Its checks and its
// slowness expose bugs that the release profile hides. The addons built here replace no others.

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

/** Returns the built addon of a package, under a file name that Node loads. */
function addonOf(name) {
  const addon = join(target, 'debug', `${name}.node`);
  copyFileSync(join(target, 'debug', `${prefix}${name.replaceAll('-', '_')}.${suffix}`), addon);
  return addon;
}

// The whole workspace is not built: the benchmarks' addon would enable features that the others do not use.
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
