// Keeps the build folders out of an addon: they are private, and would make the same sources a different
// file on each machine. rustc replaces those folders by other names, and a check finds a file that has one.

import { homedir } from 'node:os';
import { join, sep } from 'node:path';
import { root } from './platforms.mjs';

const checkout = root.replace(/[\\/]$/, '');
const cargoHome = process.env.CARGO_HOME ?? join(homedir(), '.cargo');

/** If two prefixes match, rustc takes the last one: cargo's home may lie inside the checkout. */
const NAMES = [
  [checkout, 'async-iterable-bridge'],
  [cargoHome, 'cargo'],
];

export const REMAP_FLAGS = NAMES.map(([path, name]) => `--remap-path-prefix=${path}=${name}`);

/** The folders where people and GitHub's runners build: the addon may come from another machine. */
const HOMES = /(?:\/(?:home|root|Users)\/|[A-Z]:\\(?:Users|a)\\)[\x20-\x7e]{0,100}/;

/** Returns a path of the machine that a file was built on, this or another, or undefined if it has none. */
export function machinePathIn(bytes) {
  const text = bytes.toString('latin1');
  const own = NAMES.map(([path]) => path).find((path) => text.includes(path + sep));
  return own ?? HOMES.exec(text)?.[0];
}
