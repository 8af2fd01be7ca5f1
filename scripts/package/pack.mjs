// Makes the tarballs to publish, `npm run pack`: one of the package, and one of each platform that is
// built. `-- --all` requires all platforms, as for publishing. A package that is too large fails.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runNpm } from '../npm.mjs';
import { PLATFORMS, root } from './platforms.mjs';
import { requirementOf } from './requirements.mjs';
import { builtPlatforms, stageMain, stagePlatform } from './stage.mjs';

const KIBIBYTE = 1024;

/** The most that a user downloads and keeps, in KiB: today's sizes, and a quarter more. */
const LIMITS = {
  main: { packed: 98, unpacked: 330 },
  platform: { packed: 1400, unpacked: 3400 },
};

function packFolder(folder, destination) {
  const output = runNpm(['pack', '--json', '--ignore-scripts', '--pack-destination', destination], {
    cwd: folder,
  });
  const [{ name, version, filename, size, unpackedSize, files }] = JSON.parse(output);
  const paths = files.map(({ path }) => path).sort();
  return { name, version, tarball: join(destination, filename), folder, size, unpackedSize, paths };
}

/** Returns a message for each limit that a package exceeds. */
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

/**
 * Packs the platforms of `builtPlatforms`, and the package itself as the last, into a folder in .cache.
 *
 * @param {string} folder - Its name. Packages to publish and packages that are only tested have separate folders.
 * @param {object} options - The options of `builtPlatforms`.
 */
export function packAll(folder, options) {
  const destination = join(root, '.cache', folder);
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

/** Returns the defect of the addon that is packed for a platform, or undefined if it has none. */
function objectionTo({ name, manifest }, packages) {
  const packed = packages.find((candidate) => candidate.name === manifest.name);
  if (packed === undefined) return `${name} is not built`;
  try {
    requirementOf(name, join(packed.folder, manifest.main));
    return undefined;
  } catch (error) {
    return error.message;
  }
}

/** Returns the reasons not to publish: each platform must be packed and must keep its promise. */
export function objectionsTo(packages) {
  return PLATFORMS.map((platform) => objectionTo(platform, packages)).filter(
    (objection) => objection !== undefined,
  );
}

/** Packs what may be published. Returns the packages and the reasons not to publish them. */
export function packForPublishing({ isComplete }) {
  const packages = packAll('packages', { takesLocal: false });
  report(packages);
  const problems = packages.flatMap((packed) => excessOf(packed, packed.limits));
  if (isComplete) problems.push(...objectionsTo(packages));
  for (const problem of problems) process.stderr.write(`pack: ${problem}\n`);
  return { packages, problems };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { problems } = packForPublishing({ isComplete: process.argv.includes('--all') });
  process.exitCode = problems.length > 0 ? 1 : 0;
}
