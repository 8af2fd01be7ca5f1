// A batch as it crosses: the bytes that native code copies between encoder and decoder.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
export const { BatchEncoder } = require('../../lib/codec/encoder.js');
const { decodeBatch } = require('../../lib/codec/decoder.js');

/** The distance from the start of its buffer at which a head may begin, in bytes. */
const HEAD_OFFSET = 24;

export function copyBatch({ count, bytes, head, texts, chunks }) {
  const slab = new Uint8Array(HEAD_OFFSET + head.byteLength);
  slab.set(head, HEAD_OFFSET);
  return {
    count,
    bytes,
    head: slab.subarray(HEAD_OFFSET),
    texts,
    chunks: chunks.map((chunk) => new Uint8Array(chunk).buffer),
  };
}

export function decode({ head, texts, chunks }) {
  const items = [];
  decodeBatch(head, texts, chunks, items);
  return items;
}

/** Returns the items that arrive when these items are sent in one batch. */
export function carry(items, encoder = new BatchEncoder()) {
  for (const item of items) encoder.encode(item);
  return decode(copyBatch(encoder.take()));
}

export const clones = (items) => items.map((item) => structuredClone(item));

export function expectClones(...items) {
  assert.deepStrictEqual(carry(items), clones(items));
}
