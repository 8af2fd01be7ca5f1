'use strict';

// The weight of an item against `maxBytes`: the bytes or characters that it is known to hold.

const { isAnyArrayBuffer, isArrayBuffer, isProxy, isTypedArray } = require('node:util/types');

const { apply } = Reflect;
const { isView } = ArrayBuffer;

const byteLengthGetter = (prototype) =>
  Object.getOwnPropertyDescriptor(prototype, 'byteLength').get;
const byteLengthOf = {
  typedArray: byteLengthGetter(Object.getPrototypeOf(Uint8Array.prototype)),
  dataView: byteLengthGetter(DataView.prototype),
  arrayBuffer: byteLengthGetter(ArrayBuffer.prototype),
  sharedArrayBuffer: byteLengthGetter(SharedArrayBuffer.prototype),
};

/** The weight of an item of unknown size: that of a reference to it. */
const REFERENCE_BYTES = 8;

function weightOfView(view) {
  if (isTypedArray(view)) return apply(byteLengthOf.typedArray, view, []);
  try {
    return apply(byteLengthOf.dataView, view, []);
  } catch {
    return 0; // its buffer was detached
  }
}

function weightOfBuffer(buffer) {
  const { arrayBuffer, sharedArrayBuffer } = byteLengthOf;
  return apply(isArrayBuffer(buffer) ? arrayBuffer : sharedArrayBuffer, buffer, []);
}

/** Reports whether an object is a buffer, mostly without a native call. A proxy, whose trap may throw, is no buffer. */
function isBuffer(object) {
  try {
    return 'byteLength' in object && isAnyArrayBuffer(object);
  } catch {
    return false;
  }
}

/** Returns the weight of an item. Calls no getter of the item's own. */
function weightOf(item) {
  if (typeof item === 'string') return item.length;
  if (typeof item !== 'object' || item === null) return REFERENCE_BYTES;
  if (isView(item)) return weightOfView(item);
  return isBuffer(item) ? weightOfBuffer(item) : REFERENCE_BYTES;
}

const weightOfField = (field) => (isProxy(field) ? REFERENCE_BYTES : weightOf(field));

/**
 * Returns the weight of an item with its own fields, but without the fields of its fields. Calls no getter but that of an
 * element of an array.
 */
function weightWithFields(item) {
  let weight = weightOf(item);
  const mayHaveFields = typeof item === 'object' && item !== null && !ArrayBuffer.isView(item);
  if (!mayHaveFields || isProxy(item)) return weight;
  if (Array.isArray(item)) {
    for (let index = 0; index < item.length; index++) weight += weightOfField(item[index]);
    return weight;
  }
  for (const key of Object.keys(item)) {
    weight += weightOfField(Object.getOwnPropertyDescriptor(item, key).value);
  }
  return weight;
}

module.exports = { REFERENCE_BYTES, weightOf, weightWithFields };
