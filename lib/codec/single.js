'use strict';

// The codec, for single values.

const { decodeBatch } = require('./decoder.js');
const { BatchEncoder } = require('./encoder.js');

/** As the only item of a batch. */
function encodeSingle(value) {
  const encoder = new BatchEncoder();
  encoder.encode(value);
  return encoder.take();
}

/** A copy as it would arrive, that nobody else can change. Throws for what cannot be cloned. */
function copyOf(value) {
  const { head, text, chunks } = encodeSingle(value);
  // A view may be shorter than its buffer.
  const copies = chunks.map((chunk) => new Uint8Array(chunk).buffer);
  const values = [];
  decodeBatch(head, text, copies, values);
  return values[0];
}

module.exports = { copyOf, encodeSingle };
