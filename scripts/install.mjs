// Installs npm packages that only some scripts need, each set in a folder of its own in .cache.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runNpm } from './npm.mjs';

const cache = fileURLToPath(new URL('../.cache', import.meta.url));

/**
 * Installs packages with exact versions, unless they are there, and returns their node_modules.
 *
 * @param {string} name - The folder in .cache.
 * @param {string[]} packages - The packages, in the form that `npm install` takes.
 * @param {string[]} [flags] - More flags for npm.
 */
export function installPackages(name, packages, flags = []) {
  const folder = join(cache, name);
  const modules = join(folder, 'node_modules');
  const marker = join(folder, 'installed');
  const wanted = packages.join(' ');
  if (existsSync(modules) && existsSync(marker) && readFileSync(marker, 'utf8') === wanted)
    return modules;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  process.stderr.write(`Installing ${wanted} ...\n`);
  // The install scripts would only copy the binaries that are used here directly.
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--loglevel=error'];
  runNpm(['install', ...options, ...flags, ...packages], { cwd: folder });
  writeFileSync(marker, wanted);
  return modules;
}
