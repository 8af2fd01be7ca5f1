// Makes the tarballs that are published, `npm run pack`: one of the package, and one of each platform
// that is built. `-- --all` asks for all platforms. What is too large fails.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runNpm } from '../npm.mjs';
import { PLATFORMS, root } from './platforms.mjs';
import { builtPlatforms, stageMain, stagePlatform } from './stage.mjs';

const KIBIBYTE = 1024;

/** The most that a user downloads and keeps, in KiB. Today's sizes, and a quarter more. */
const LIMITS = {
  main: { packed: 70, unpacked: 220 },
  platform: { packed: 1400, unpacked: 3400 },
};

function packFolder(folder, destination) {
  const output = runNpm(['pack', '--json', '--ignore-scripts', '--pack-destination', destination], {
    cwd: folder,
  });
  const [{ name, filename, size, unpackedSize, files }] = JSON.parse(output);
  const paths = files.map(({ path }) => path).sort();
  return { name, tarball: join(destination, filename), folder, size, unpackedSize, paths };
}

/** Which limits a package exceeds. */
export function excessOf({ name, size, unpackedSize }, { packed, unpacked }) {
  return [
    [size, packed, 'packed'],
    [unpackedSize, unpacked, 'unpacked'],
  ]
    .filter(([actual, limit]) => actual > limit * KIBIBYTE)
    .map(
      ([actual, limit, how]) =>
        `${name} has ${Math.ceil(actual / KIBIBYTE)} KiB ${how}; ${limit} are allowed`,
    );
}

/** Packs what `builtPlatforms` finds, and the package itself as the last, into a folder in .cache. */
export function packAll(options) {
  const destination = join(root, '.cache', 'packages');
  rmSync(destination, { recursive: true, force: true });
  mkdirSync(destination, { recursive: true });
  const staging = join(destination, 'staged');
  const platforms = builtPlatforms(options).map((platform) => ({
    ...packFolder(
      stagePlatform(platform, platform.built, join(staging, platform.name)),
      destination,
    ),
    limits: LIMITS.platform,
  }));
  const main = {
    ...packFolder(stageMain(join(staging, 'main')), destination),
    limits: LIMITS.main,
  };
  return [...platforms, main];
}

/** Prints the sizes. */
export function report(packages) {
  for (const { name, size, unpackedSize, paths } of packages) {
    const [packed, unpacked] = [size, unpackedSize].map((bytes) => Math.ceil(bytes / KIBIBYTE));
    process.stdout.write(
      `${name}: ${packed} KiB, ${unpacked} KiB unpacked, ${paths.length} files\n`,
    );
  }
}

function main() {
  const packages = packAll({ takesLocal: false });
  report(packages);
  const problems = packages.flatMap((packed) => excessOf(packed, packed.limits));
  if (process.argv.includes('--all')) {
    const built = packages.map(({ name }) => name);
    const missing = PLATFORMS.filter(({ manifest }) => !built.includes(manifest.name));
    problems.push(...missing.map(({ name }) => `${name} is not built`));
  }
  for (const problem of problems) process.stderr.write(`pack: ${problem}\n`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
