// The requirements of an addon on the system that loads it, read from the file itself, and the
// package's promise about them.

import { readFileSync } from 'node:fs';
import { machinePathIn } from './paths.mjs';

/** The newest versions that an addon may require. docs/platforms.md has the same. */
export const PROMISES = {
  glibc: '2.17',
  macOS: '11.0',
};

const LOAD_COMMANDS = { codeSignature: 0x1d, minimumVersion: 0x24, buildVersion: 0x32 };
const MACH_O_HEADER_SIZE = 32;

export function isNewer(version, than) {
  const parts = (text) => text.split('.').map(Number);
  const [left, right] = [parts(version), parts(than)];
  const at = left.findIndex((part, index) => part !== (right[index] ?? 0));
  return at !== -1 && left[at] > (right[at] ?? 0);
}

/** Returns the newest version of glibc whose symbols an ELF file binds, or undefined if it binds none. */
export function glibcOf(bytes) {
  const versions = bytes.toString('latin1').matchAll(/GLIBC_(\d+(?:\.\d+)+)\0/g);
  return Array.from(versions, ([, version]) => version).reduce(
    (newest, version) => (newest === undefined || isNewer(version, newest) ? version : newest),
    undefined,
  );
}

/** Returns the oldest macOS that a 64-bit Mach-O file runs on, and whether the file is signed. */
export function macOf(bytes) {
  const found = { minimum: undefined, isSigned: false };
  let at = MACH_O_HEADER_SIZE;
  for (let left = bytes.readUInt32LE(16); left > 0; left--) {
    const command = bytes.readUInt32LE(at);
    if (command === LOAD_COMMANDS.codeSignature) found.isSigned = true;
    const versionAt = { [LOAD_COMMANDS.minimumVersion]: 8, [LOAD_COMMANDS.buildVersion]: 12 }[
      command
    ];
    if (versionAt !== undefined) {
      const version = bytes.readUInt32LE(at + versionAt);
      found.minimum = `${version >>> 16}.${(version >>> 8) & 0xff}`;
    }
    at += bytes.readUInt32LE(at + 4);
  }
  return found;
}

function elfRequirement(name, bytes) {
  const glibc = glibcOf(bytes);
  if (name.endsWith('-musl')) {
    if (glibc !== undefined) throw new Error(`${name} asks for glibc ${glibc}, and is for musl`);
    return 'musl';
  }
  if (glibc === undefined) throw new Error(`${name} names no version of glibc`);
  if (isNewer(glibc, PROMISES.glibc)) {
    throw new Error(`${name} asks for glibc ${glibc}; ${PROMISES.glibc} is promised`);
  }
  return `glibc ${glibc}`;
}

function machRequirement(name, bytes) {
  const { minimum, isSigned } = macOf(bytes);
  if (minimum === undefined) throw new Error(`${name} names no version of macOS`);
  if (isNewer(minimum, PROMISES.macOS)) {
    throw new Error(`${name} asks for macOS ${minimum}; ${PROMISES.macOS} is promised`);
  }
  // macOS on arm64 loads only signed files; a signature without an identity is enough.
  if (name === 'darwin-arm64' && !isSigned) throw new Error(`${name} is not signed`);
  return `macOS ${minimum}`;
}

/**
 * Returns the requirement of a platform's addon. Throws if it exceeds the package's promise, or if the
 * addon contains the path where it was built.
 */
export function requirementOf(name, file) {
  const bytes = readFileSync(file);
  const path = machinePathIn(bytes);
  if (path !== undefined) throw new Error(`${name} tells where it was built: ${path}`);
  if (name.startsWith('linux-')) return elfRequirement(name, bytes);
  return name.startsWith('darwin-') ? machRequirement(name, bytes) : 'Windows 10';
}
