/**
 * Checks that neither the crates nor their default dependencies require a newer Rust than napi does. clippy's
 * `incompatible_msrv` checks the code itself.
 */

import { execFileSync } from 'node:child_process';

const CRATE = 'async-iterable-bridge';

const output = execFileSync('cargo', ['metadata', '--format-version', '1', '--locked'], {
  maxBuffer: 2 ** 27,
});
const { packages } = JSON.parse(output);
const tree = execFileSync('cargo', ['tree', '-p', CRATE, '-e', 'normal', '--prefix', 'none']);
const dependencies = new Set(
  tree
    .toString()
    .split('\n')
    .map((line) => line.split(' ')[0]),
);

const minor = ({ rust_version: version }) => Number((version ?? '1.0').split('.')[1]);
const named = (name) => packages.find((found) => found.name === name);
const napi = named('napi');

const tooNew = packages.filter(
  (found) => dependencies.has(found.name) && minor(found) > minor(napi),
);
for (const { name, version, rust_version } of tooNew) {
  console.error(`${name} ${version} asks for Rust ${rust_version}, napi for ${napi.rust_version}`);
}
const stated = [named(CRATE), named(`${CRATE}-derive`)].filter(({ rust_version }) => rust_version);
if (stated.length < 2) console.error('a crate does not state its minimum Rust version');
if (tooNew.length > 0 || stated.length < 2) process.exit(1);
console.log(`${CRATE} needs Rust ${named(CRATE).rust_version} and ${dependencies.size - 1} crates`);
