'use strict';

// The C library that a process on Linux runs on. A system may have both musl and glibc, and neither loads the
// other's addons. So this file reads the runtime's own executable: an ELF file names its loader in its program
// headers.

const { closeSync, openSync, readSync } = require('node:fs');

const ELF_HEADER_SIZE = 64;
const ELF_64_LITTLE_ENDIAN = Buffer.from('\x7fELF\x02\x01', 'latin1');
const PT_INTERP = 3;

/** Returns the path of the loader that a 64-bit executable names, or '' if it names none. */
function loaderOf(executable) {
  const file = openSync(executable, 'r');
  function read(position, size) {
    const bytes = Buffer.alloc(size);
    readSync(file, bytes, 0, size, position);
    return bytes;
  }
  try {
    const header = read(0, ELF_HEADER_SIZE);
    if (!header.subarray(0, ELF_64_LITTLE_ENDIAN.length).equals(ELF_64_LITTLE_ENDIAN)) return '';
    const entrySize = header.readUInt16LE(54);
    const table = read(Number(header.readBigUInt64LE(32)), entrySize * header.readUInt16LE(56));
    for (let at = 0; at < table.length; at += entrySize) {
      if (table.readUInt32LE(at) !== PT_INTERP) continue;
      const position = Number(table.readBigUInt64LE(at + 8));
      return read(position, Number(table.readBigUInt64LE(at + 32))).toString('latin1');
    }
    return '';
  } finally {
    closeSync(file);
  }
}

/** Returns 'musl' or 'gnu'. */
function libcOf(executable) {
  try {
    return loaderOf(executable).includes('/ld-musl-') ? 'musl' : 'gnu';
  } catch {
    // This process may not read the executable. If the guess is wrong, loading the addon throws.
    return 'gnu';
  }
}

module.exports = { libcOf };
