// The platforms that have a package of their own in npm/, and their names in Rust.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export const MAIN_PACKAGE = 'async-iterable-bridge';

const TRIPLES = {
  'darwin-arm64': 'aarch64-apple-darwin',
  'darwin-x64': 'x86_64-apple-darwin',
  'linux-arm64-gnu': 'aarch64-unknown-linux-gnu',
  'linux-arm64-musl': 'aarch64-unknown-linux-musl',
  'linux-x64-gnu': 'x86_64-unknown-linux-gnu',
  'linux-x64-musl': 'x86_64-unknown-linux-musl',
  'win32-arm64-msvc': 'aarch64-pc-windows-msvc',
  'win32-x64-msvc': 'x86_64-pc-windows-msvc',
};

function platformOf([name, triple]) {
  const folder = join(root, 'npm', name);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return { name, triple, folder, manifest, addon: join(folder, manifest.main) };
}

/** @type {{ name: string, triple: string, folder: string, manifest: object, addon: string }[]} */
export const PLATFORMS = Object.entries(TRIPLES).map(platformOf);

/** Returns the platforms with the given names, or all platforms. */
export function platformsNamed(names) {
  for (const name of names) {
    if (TRIPLES[name] === undefined) {
      throw new Error(`${name} is none of ${Object.keys(TRIPLES).join(', ')}`);
    }
  }
  return PLATFORMS.filter(({ name }) => names.length === 0 || names.includes(name));
}
