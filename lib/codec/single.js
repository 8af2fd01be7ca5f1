'use strict';

// The codec, for single values.

const { decodeBatch } = require('./decoder.js');
const { BatchEncoder } = require('./encoder.js');

/** Returns a batch of one item. */
function encodeSingle(value) {
  const encoder = new BatchEncoder();
  encoder.encode(value);
  return encoder.take();
}

/** Returns a copy of a value as it would arrive. Throws for a value that cannot be cloned. */
function copyOf(value) {
  const { head, texts, chunks } = encodeSingle(value);
  // A view may be shorter than its buffer.
  const copies = chunks.map((chunk) => new Uint8Array(chunk).buffer);
  const values = [];
  decodeBatch(head, texts, copies, values);
  return values[0];
}

module.exports = { copyOf, encodeSingle };
