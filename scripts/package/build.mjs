// Builds the addons of npm/*: `npm run build:platforms`, or `npm run build:platforms -- linux-x64-musl`
// for some of them. Any machine can build for Linux and macOS. The linker is zig, which is installed from
// the Python package index into .cache. Only Windows can build for Windows. The requirements of each addon
// are checked against the package's promise.

import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Missing, mustRun } from '../run.mjs';
import { REMAP_FLAGS } from './paths.mjs';
import { platformsNamed, root } from './platforms.mjs';
import { PROMISES, requirementOf } from './requirements.mjs';

const CRATE = 'async-iterable-bridge-node';
const TOOLS = ['cargo-zigbuild==0.24.1', 'ziglang==0.15.2'];

// This is not the folder of `npm run build`: cargo does not notice that the linker differs.
const target = join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'platforms');
const isWindows = process.platform === 'win32';

/** Installs cargo-zigbuild and zig, and returns their folder, which is named for their versions. */
function installTools() {
  const folder = join(root, '.cache', 'zig', TOOLS.join('+').replaceAll('==', '-'));
  if (existsSync(folder)) return folder;
  process.stderr.write(`Installing ${TOOLS.join(' and ')} ...\n`);
  const python = isWindows ? 'python' : 'python3';
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  mustRun(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', partial, ...TOOLS]);
  renameSync(partial, folder);
  return folder;
}

/** Installs Rust's standard library for a target by rustup, if it is not there. */
function installTarget(triple) {
  const folder = mustRun('rustc', ['--print', 'target-libdir', '--target', triple], { cwd: root });
  if (existsSync(folder.trim())) return;
  process.stderr.write(`Installing Rust's standard library for ${triple} ...\n`);
  mustRun('rustup', ['target', 'add', triple], { cwd: root });
}

/** Returns rustc's flags. RUSTFLAGS would not do: it is separated by spaces, which a path may contain. */
function rustFlagsOf({ name, manifest }) {
  const flags = [...REMAP_FLAGS];
  // The addon contains its C runtime, because not every Windows has it.
  if (name.startsWith('win32-')) flags.push('-Ctarget-feature=+crt-static');
  // The addon uses the C library of the process that loads it.
  if (name.endsWith('-musl')) flags.push('-Ctarget-feature=-crt-static');
  // Without a name of its own, the library is named by the path that it is linked to.
  if (name.startsWith('darwin-'))
    flags.push(`-Clink-arg=-Wl,-install_name,@rpath/${manifest.main}`);
  return flags.join('\x1f');
}

function buildCommand({ name, triple }) {
  const arguments_ = ['--release', '--locked', '--package', CRATE, '--target'];
  if (name.startsWith('win32-')) {
    if (!isWindows) throw new Missing(`${name} can be built on Windows only.`);
    return { command: 'cargo', arguments_: ['build', ...arguments_, triple], environment: {} };
  }
  const tools = installTools();
  const suffix = name.endsWith('-gnu') ? `.${PROMISES.glibc}` : '';
  return {
    command: join(tools, 'bin', isWindows ? 'cargo-zigbuild.exe' : 'cargo-zigbuild'),
    arguments_: ['zigbuild', ...arguments_, triple + suffix],
    environment: {
      CARGO_ZIGBUILD_ZIG_PATH: join(tools, 'ziglang', isWindows ? 'zig.exe' : 'zig'),
      MACOSX_DEPLOYMENT_TARGET: PROMISES.macOS,
    },
  };
}

function builtFile({ name, triple }) {
  const library = CRATE.replaceAll('-', '_');
  const file = {
    darwin: `lib${library}.dylib`,
    linux: `lib${library}.so`,
    win32: `${library}.dll`,
  }[name.split('-')[0]];
  return join(target, triple, 'release', file);
}

function build(platform) {
  installTarget(platform.triple);
  const { command, arguments_, environment } = buildCommand(platform);
  process.stderr.write(`Building for ${platform.name} ...\n`);
  const { error, status } = spawnSync(command, [...arguments_, '--quiet'], {
    cwd: root,
    env: {
      ...process.env,
      ...environment,
      CARGO_ENCODED_RUSTFLAGS: rustFlagsOf(platform),
      CARGO_TARGET_DIR: target,
    },
    stdio: ['ignore', 2, 2],
  });
  if (error) throw error;
  if (status !== 0) throw new Missing(`${platform.name} is not built; what cargo says is above.`);
  const file = builtFile(platform);
  const requirement = requirementOf(platform.name, file);
  copyFileSync(file, platform.addon);
  const size = Math.ceil(statSync(file).size / 1024);
  process.stdout.write(`${platform.name}: ${size} KiB, ${requirement} or later\n`);
}

const wanted = process.argv.slice(2);
const canBuild = ({ name }) => wanted.length > 0 || isWindows === name.startsWith('win32-');
try {
  for (const platform of platformsNamed(wanted).filter(canBuild)) build(platform);
} catch (error) {
  if (!(error instanceof Missing)) throw error;
  process.stderr.write(`build: ${error.message}\n`);
  process.exitCode = 1;
}
