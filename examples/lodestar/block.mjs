// Blocks that can be checked without another copy of them.

import { createHash } from 'node:crypto';

export const BLOCK_BYTES = 100_000;

const DIGEST_BYTES = 32;
const SLOT_BYTES = 4;

const sha256 = (bytes) => createHash('sha256').update(bytes).digest();

/** Returns the block of a slot. Its data are a digest of the bytes that follow it, the slot, and a body. */
export function makeBlock(slot) {
  const data = new Uint8Array(BLOCK_BYTES);
  const hashed = data.subarray(DIGEST_BYTES);
  new DataView(hashed.buffer, hashed.byteOffset).setUint32(0, slot);
  hashed.fill(slot % 251, SLOT_BYTES);
  data.set(sha256(hashed));
  return { data, fork: 'deneb', protocolVersion: 2 };
}

/** Throws unless the block is that of the slot, with nothing of it changed. */
export function verifyBlock({ data, fork, protocolVersion }, slot) {
  const hashed = data.subarray(DIGEST_BYTES);
  const isRight =
    data.length === BLOCK_BYTES &&
    fork === 'deneb' &&
    protocolVersion === 2 &&
    new DataView(hashed.buffer, hashed.byteOffset).getUint32(0) === slot &&
    sha256(hashed).equals(data.subarray(0, DIGEST_BYTES));
  if (isRight) return;
  throw Object.assign(new Error(`This is not the block of slot ${slot}`), {
    code: 'ERR_INVALID_BLOCK',
  });
}
