// Lays out the packages as they are published: each in a folder of its own, without the files that
// only this project needs.

import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { MAIN_PACKAGE, PLATFORMS, root } from './platforms.mjs';

// The fields that only a checkout needs. `private` prevents `npm publish` from publishing the checkout.
const OWN_FIELDS = ['private', 'napi', 'scripts', 'devDependencies'];

function writeManifest(folder, manifest) {
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

function emptyFolder(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Stages the package itself. It has an optional dependency on each platform's package, of exactly its version. */
export function stageMain(folder) {
  emptyFolder(folder);
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const field of OWN_FIELDS) delete manifest[field];
  manifest.optionalDependencies = Object.fromEntries(
    PLATFORMS.map((platform) => [platform.manifest.name, platform.manifest.version]),
  );
  writeManifest(folder, manifest);
  for (const path of [...manifest.files, 'README.md', 'LICENSE']) {
    cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  return folder;
}

/** Stages the package of a platform, with its addon. */
export function stagePlatform({ manifest }, addon, folder) {
  emptyFolder(folder);
  writeManifest(folder, manifest);
  copyFileSync(addon, join(folder, manifest.main));
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  const readme = `# ${manifest.name}\n\n${manifest.description}. Install \`${MAIN_PACKAGE}\`, which brings it.\n`;
  writeFileSync(join(folder, 'README.md'), readme);
  return folder;
}

/**
 * Returns the platforms that have an addon: those of npm/*, preceded, if `takesLocal`, by the platform of
 * the addon that `npm run build` has made.
 */
export function builtPlatforms({ takesLocal }) {
  return PLATFORMS.flatMap((platform) => {
    const local = takesLocal ? [join(root, platform.manifest.main)] : [];
    const built = [...local, platform.addon].find(existsSync);
    return built === undefined ? [] : [{ ...platform, built }];
  });
}
