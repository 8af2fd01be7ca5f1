// Runs tests against addons of another profile than release, `node scripts/test-profile.mjs PROFILE [NAMES]`, where names
// are parts of the names of test files. The addons built here replace no others.
//
// `npm run test:debug`: the checks and the slowness of the debug profile expose bugs that the release profile hides.
// `npm run test:quick`: while the code is changed, a build takes seconds instead of minutes.

import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeTestFlags, runTests, tellUnexpected } from './run-tests.mjs';
import { root, testFiles } from './test-files.mjs';

const [profile, ...names] = process.argv.slice(2);
const files = testFiles(names);
const folder = profile === 'dev' ? 'debug' : profile;

const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target');
const [prefix, suffix] = {
  win32: ['', 'dll'],
  darwin: ['lib', 'dylib'],
}[process.platform] ?? ['lib', 'so'];

/** Returns the built addon of a package, under a file name that Node loads. */
function addonOf(name) {
  const addon = join(target, folder, `${name}.node`);
  copyFileSync(join(target, folder, `${prefix}${name.replaceAll('-', '_')}.${suffix}`), addon);
  return addon;
}

// The whole workspace is not built: the benchmarks' addon would enable features that the others do not use.
const packages = ['async-iterable-bridge-node', 'async-iterable-bridge-test-addon'];
const build = [
  'build',
  '--quiet',
  '--profile',
  profile,
  ...packages.flatMap((name) => ['-p', name]),
];
const built = spawnSync('cargo', build, { cwd: root, stdio: 'inherit' }).status ?? 1;
if (files.length === 0) {
  process.stderr.write(`No test file matches ${names.join(' ')}\n`);
  process.exitCode = 1;
} else if (built !== 0) {
  process.exitCode = built;
} else {
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
