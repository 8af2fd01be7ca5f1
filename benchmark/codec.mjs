// Measures the cost per item of a Channel's codec, both sides together, in one thread.
//
//   node benchmark/codec.mjs

import { createRequire } from 'node:module';
import v8 from 'node:v8';

const require = createRequire(import.meta.url);
const { BatchEncoder } = require('../lib/codec/encoder.js');
const { decodeBatch } = require('../lib/codec/decoder.js');

const ROUNDS = 7;
const ITEMS_PER_ROUND = 100_000;

const ITEMS = {
  number: (index) => index + 0.5,
  'string, 50': (index) => `${index}`.padEnd(50, 'x'),
  'bytes, 1 KiB': () => new Uint8Array(1024).fill(1),
  'Buffer, 32': (index) => Buffer.alloc(32, index),
  'object with 1 KiB': (index) => ({
    data: new Uint8Array(1024).fill(index),
    fork: 'deneb',
    protocolVersion: 2,
  }),
  'nested object': (index) => ({
    id: index,
    name: `name ${index}`,
    tags: ['a', 'b'],
    position: { x: 1.5, y: index },
    children: [
      { id: 1, ok: true },
      { id: 2, ok: false },
    ],
  }),
};

/** Decodes. It copies the chunks first, as native code does between the two sides. */
function decode({ head, text, chunks }) {
  const items = [];
  const copies = chunks.map((chunk) => new Uint8Array(chunk).buffer);
  decodeBatch(new Uint8Array(head), text, copies, items);
  return items;
}

const encoder = new BatchEncoder();

function throughCodec(items) {
  for (const item of items) encoder.encode(item);
  return decode(encoder.take());
}

const WAYS = {
  codec: throughCodec,
  structuredClone: (items) => items.map((item) => structuredClone(item)),
  'node:v8': (items) => items.map((item) => v8.deserialize(v8.serialize(item))),
};

function nanosecondsPerItem(way, items) {
  const repetitions = Math.ceil(ITEMS_PER_ROUND / items.length);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (let repetition = 0; repetition < repetitions; repetition++) way(items);
    best = Math.min(best, ((performance.now() - start) * 1e6) / (repetitions * items.length));
  }
  return best;
}

console.log('ns per item, encoded and decoded'.padEnd(34), ...Object.keys(WAYS));
for (const [name, make] of Object.entries(ITEMS)) {
  for (const size of [1, 256, 1024]) {
    const items = Array.from({ length: size }, (_, index) => make(index));
    const ways = size === 256 ? Object.values(WAYS) : [throughCodec];
    const figures = ways.map((way) => nanosecondsPerItem(way, items).toFixed(0));
    console.log(`${name}, batches of ${size}`.padEnd(34), ...figures);
  }
}
