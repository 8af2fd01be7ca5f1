// The smallest file that counts as an addon for macOS.

/**
 * Returns a Mach-O file with nothing but two load commands: the macOS version that it needs, and a signature.
 *
 * @param {number} major - The major version of macOS.
 */
export function machO(major, { isSigned }) {
  const file = Buffer.alloc(32 + 24 + 16);
  file.writeUInt32LE(isSigned ? 2 : 1, 16);
  file.writeUInt32LE(0x32, 32);
  file.writeUInt32LE(24, 36);
  file.writeUInt32LE(major << 16, 44);
  file.writeUInt32LE(0x1d, 56);
  file.writeUInt32LE(16, 60);
  return file;
}
