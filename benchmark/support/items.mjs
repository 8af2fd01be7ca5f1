/**
 * The kinds of items. Each contender is checked against them before it is timed. `benchmark/addon/src/items.rs`
 * makes the same items for the kinds that have a suffix, which come from Rust.
 *
 * @typedef {object} Kind
 * @property {string} title
 * @property {string} [suffix]  the ending of the addon's functions for this kind
 * @property {keyof typeof import('./consumers.mjs').DIGESTS} digest
 * @property {number} [size]  the length of a text or of bytes, which is passed to the addon
 * @property {number} [bytes]  the size of an item in bytes, if that is a useful figure
 * @property {number} most  the most items of one stream, so that the floor's array of them does not dominate the heap
 * @property {number} checked  the number of items that are checked
 * @property {(index: number) => unknown} make
 */

const FILLER = 0x5a;

const text = (prefix, index, length) =>
  `${prefix}${String(index).padStart(8, '0')}`.padEnd(length, '.');

const makeBytes = (size) => (index) => {
  const bytes = Buffer.alloc(size, FILLER);
  bytes.writeUInt32LE(index);
  return bytes;
};

const makeUint8Array = (size) => (index) => new Uint8Array(makeBytes(size)(index).buffer);

const CHUNK_BYTES = 1024;

const makeChunk = (index) => ({
  data: makeUint8Array(CHUNK_BYTES)(index),
  fork: 'deneb',
  protocolVersion: 2,
});

const makeTree = (index) => ({
  id: index,
  name: text('item', index, 12),
  tags: ['first', text('', index, 8)],
  position: { x: index + 0.5, y: (index + 0.5) / 2 },
  children: [
    { id: index + 1, isLeaf: true },
    { id: index + 2, isLeaf: false },
  ],
});

const makeRow4 = (index) => ({
  id: index,
  name: text('item', index, 12),
  score: index + 0.5,
  active: index % 2 === 0,
});

const makeRow12 = (index) => ({
  id: index,
  parent: Math.floor(index / 2),
  level: 0 - (index % 16),
  size: index % 4096,
  score: index + 0.5,
  weight: (index + 0.5) / 2,
  ratio: (index + 0.5) / 4,
  name: text('item', index, 12),
  kind: text('', index, 8),
  owner: text('owner', index, 16),
  path: text('/path/', index, 24),
  active: index % 2 === 0,
});

/** @returns {Kind} */
const strings = (size) => ({
  title: `strings of ${size} bytes`,
  suffix: 'Strings',
  digest: 'strings',
  size,
  bytes: size,
  most: 200_000,
  checked: 2500,
  make: (index) => text('', index, size),
});

/** @returns {Kind} */
const bytes = (title, size, most, checked) => ({
  title: `bytes, ${title} each`,
  suffix: 'Bytes',
  digest: 'bytes',
  size,
  bytes: size,
  most,
  checked,
  make: makeBytes(size),
});

/** @returns {Kind} */
const rows = (fields, most, make) => ({
  title: `rows of ${fields} fields`,
  suffix: `Rows${fields}`,
  digest: `rows${fields}`,
  size: 0,
  most,
  checked: 2500,
  make,
});

/** @type {Record<string, Kind>} */
export const KINDS = {
  numbers: {
    title: 'numbers',
    suffix: 'Numbers',
    digest: 'numbers',
    size: 0,
    most: 200_000,
    checked: 5000,
    make: (index) => index,
  },
  strings16: strings(16),
  strings60: strings(60),
  bytes32: bytes('32 B', 32, 200_000, 2500),
  bytes1KiB: bytes('1 KiB', 1024, 100_000, 2500),
  bytes64KiB: bytes('64 KiB', 64 * 1024, 4000, 500),
  bytes1MiB: bytes('1 MiB', 1024 * 1024, 256, 40),
  rows4: rows(4, 100_000, makeRow4),
  rows12: rows(12, 50_000, makeRow12),
  uint8Arrays: {
    title: 'Uint8Arrays of 1 KiB',
    digest: 'bytes',
    size: 1024,
    bytes: 1024,
    most: 100_000,
    checked: 2500,
    make: makeUint8Array(1024),
  },
  chunks: {
    title: 'response chunks of 1 KiB',
    digest: 'chunks',
    bytes: CHUNK_BYTES,
    most: 100_000,
    checked: 2500,
    make: makeChunk,
  },
  trees: {
    title: 'nested objects',
    digest: 'trees',
    most: 20_000,
    checked: 2500,
    make: makeTree,
  },
};

/**
 * The most bytes that the different items of an array take; a longer array repeats them. For bytes, the
 * number of different items is a power of two, so the digests, which read an index's lowest byte, stay the same.
 */
const ARRAY_BYTES = 32 * 1024 * 1024;

/** The same limit for a worker. It is so small that the items stay in a cache, as new items do. */
export const PRODUCED_BYTES = 4 * 1024 * 1024;

/** Returns as many items as one stream of this kind has at most. */
export function arrayOf({ bytes = 1, make, most }, arrayBytes = ARRAY_BYTES) {
  const different = Math.min(most, Math.floor(arrayBytes / bytes));
  const items = Array.from({ length: different }, (_, index) => make(index));
  return Array.from({ length: most }, (_, index) => items[index % different]);
}
