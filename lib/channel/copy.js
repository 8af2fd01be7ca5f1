'use strict';

// The codec, for single values.

const { decodeBatch } = require('../codec/decoder.js');
const { BatchEncoder } = require('../codec/encoder.js');
const { packError } = require('../portable-error.js');

/** As an item would arrive. */
function copyOf(item) {
  const { head, text, chunks } = encode(item);
  const copies = chunks.map((chunk) => Uint8Array.from(chunk).buffer);
  return decode(head.slice(), text, copies);
}

/** The last arguments of the native functions that take a reason. */
function encodeReason(reason) {
  const { head, text, chunks } = encode(packError(reason));
  return [head, text, chunks];
}

function encode(value) {
  const encoder = new BatchEncoder();
  encoder.encode(value);
  return encoder.take();
}

function decode(head, text, chunks) {
  const values = [];
  decodeBatch(head, text, chunks, values);
  return values[0];
}

module.exports = { copyOf, encodeReason };
