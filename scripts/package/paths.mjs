// Where an addon was built is nobody's business, and would make the same sources another file on each
// machine. rustc puts other names in place of those folders, and a file that has one of them is found.

import { homedir } from 'node:os';
import { join, sep } from 'node:path';
import { root } from './platforms.mjs';

const checkout = root.replace(/[\\/]$/, '');
const cargoHome = process.env.CARGO_HOME ?? join(homedir(), '.cargo');

/** Of two that fit, rustc takes the last: what cargo has fetched may lie inside the checkout. */
const NAMES = [
  [checkout, 'async-iterable-bridge'],
  [cargoHome, 'cargo'],
];

export const REMAP_FLAGS = NAMES.map(([path, name]) => `--remap-path-prefix=${path}=${name}`);

/** Where people and GitHub's runners keep what they build: the addon may be another machine's. */
const HOMES = /(?:\/(?:home|root|Users)\/|[A-Z]:\\(?:Users|a)\\)[\x20-\x7e]{0,100}/;

/** A path of the machine that a file was built on, this or another; undefined if it has none. */
export function machinePathIn(bytes) {
  const text = bytes.toString('latin1');
  const own = NAMES.map(([path]) => path).find((path) => text.includes(path + sep));
  return own ?? HOMES.exec(text)?.[0];
}
