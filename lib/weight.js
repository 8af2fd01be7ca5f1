'use strict';

// What an item weighs against `maxBytes`: the bytes or characters that it is known to hold.

const { isAnyArrayBuffer, isProxy } = require('node:util/types');

/** What weighs an item of which nobody knows the size: as much as a reference to it. */
const REFERENCE_BYTES = 8;

function weightOf(item) {
  if (typeof item === 'string') return item.length;
  if (ArrayBuffer.isView(item) || isAnyArrayBuffer(item)) return item.byteLength;
  return REFERENCE_BYTES;
}

/** An object weighs as much as its own fields, but not as theirs. Asks no getter. */
function weightWithFields(item) {
  let weight = weightOf(item);
  const mayHaveFields = typeof item === 'object' && item !== null && !ArrayBuffer.isView(item);
  if (!mayHaveFields || isProxy(item)) return weight;
  if (Array.isArray(item)) {
    for (let index = 0; index < item.length; index++) weight += weightOf(item[index]);
    return weight;
  }
  for (const key of Object.keys(item)) {
    weight += weightOf(Object.getOwnPropertyDescriptor(item, key).value);
  }
  return weight;
}

module.exports = { weightOf, weightWithFields };
