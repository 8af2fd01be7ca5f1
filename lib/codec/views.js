'use strict';

// Reads the class and the memory of views and buffers, independent of their prototypes and properties.

const { isProxy, isSharedArrayBuffer } = require('node:util/types');
const { FORMS } = require('./layout.js');
const { DataCloneError, refuse } = require('./refusal.js');

const { apply } = Reflect;
const { getPrototypeOf, getOwnPropertyDescriptor } = Object;
const { structuredClone } = globalThis;
const Uint8ArrayPrototype = Uint8Array.prototype;
const BufferPrototype = Buffer.prototype;
const TypedArrayPrototype = getPrototypeOf(Uint8ArrayPrototype);

const UINT8_ARRAY = FORMS.indexOf('Uint8Array');
const BUFFER = FORMS.indexOf('Buffer');
const DATA_VIEW = FORMS.indexOf('DataView');

const getterOf = (prototype, key) => getOwnPropertyDescriptor(prototype, key).get;

/** Returns the name of the class of a typed array, and undefined for other values. */
const nameOfTypedArray = getterOf(TypedArrayPrototype, Symbol.toStringTag);

/** Throws if the memory of a typed array has gone. The length of such an array is 0. */
const { keys: keysOfTypedArray } = TypedArrayPrototype;

const bufferOfTypedArray = getterOf(TypedArrayPrototype, 'buffer');
const offsetOfTypedArray = getterOf(TypedArrayPrototype, 'byteOffset');
const lengthOfTypedArray = getterOf(TypedArrayPrototype, 'byteLength');
const bufferOfDataView = getterOf(DataView.prototype, 'buffer');
const offsetOfDataView = getterOf(DataView.prototype, 'byteOffset');
const lengthOfDataView = getterOf(DataView.prototype, 'byteLength');
const lengthOfBuffer = getterOf(ArrayBuffer.prototype, 'byteLength');
const isResizableBuffer = getterOf(ArrayBuffer.prototype, 'resizable');
const maximumOfBuffer = getterOf(ArrayBuffer.prototype, 'maxByteLength');

/** Throws the error for memory that has gone. */
function refuseDetached() {
  throw new DataCloneError('An ArrayBuffer is detached and could not be cloned.');
}

/** Returns the index of a view's form. */
function formOf(view) {
  const name = apply(nameOfTypedArray, view, []);
  if (name === 'Uint8Array') {
    const prototype = getPrototypeOf(view);
    if (prototype === Uint8ArrayPrototype) return UINT8_ARRAY;
    return extendsBuffer(prototype) ? BUFFER : UINT8_ARRAY;
  }
  return name === undefined ? DATA_VIEW : FORMS.indexOf(name);
}

/** Returns whether a prototype is that of Buffer, or extends it. Asks no proxy. */
function extendsBuffer(start) {
  let prototype = start;
  while (prototype !== null && !isProxy(prototype)) {
    if (prototype === BufferPrototype) return true;
    prototype = getPrototypeOf(prototype);
  }
  return false;
}

const bufferOf = (view, form) =>
  apply(form === DATA_VIEW ? bufferOfDataView : bufferOfTypedArray, view, []);
const offsetOf = (view, form) =>
  apply(form === DATA_VIEW ? offsetOfDataView : offsetOfTypedArray, view, []);

/** Returns the length of a view in bytes. Throws for a view that has lost its memory. */
function lengthOf(view, form) {
  const length =
    form === DATA_VIEW ? lengthOfAnyDataView(view) : apply(lengthOfTypedArray, view, []);
  if (length === 0 && form !== DATA_VIEW && isOutOfBounds(view)) refuseDetached();
  return length;
}

function lengthOfAnyDataView(view) {
  try {
    return apply(lengthOfDataView, view, []);
  } catch {
    refuseDetached();
  }
}

/** Returns whether the memory of a typed array was transferred, or has shrunk too far. */
function isOutOfBounds(typedArray) {
  try {
    apply(keysOfTypedArray, typedArray, []);
    return false;
  } catch {
    return true;
  }
}

/** Throws for a buffer whose memory was transferred. */
function expectBufferAttached(buffer) {
  try {
    new Uint8Array(buffer);
  } catch {
    refuseDetached();
  }
}

const byteLengthOf = (buffer) => apply(lengthOfBuffer, buffer, []);

/** Returns whether a buffer can be resized. Throws for a buffer that threads share. */
function isResizable(buffer) {
  try {
    return apply(isResizableBuffer, buffer, []);
  } catch (error) {
    if (isSharedArrayBuffer(buffer)) refuse(buffer, 'SharedArrayBuffer');
    throw error;
  }
}

const maximumOf = (buffer) => apply(maximumOfBuffer, buffer, []);

/** Returns whether the length of a view tracks that of its resizable buffer. Tests this on a copy of both. */
function tracksLength(view, form) {
  const start = offsetOf(view, form);
  const length = lengthOf(view, form);
  const copy = structuredClone(view);
  const buffer = bufferOf(copy, form);
  try {
    if (length === 0) {
      buffer.resize(maximumOf(buffer));
      return lengthOf(copy, form) > 0;
    }
    buffer.resize(start);
    lengthOf(copy, form);
    return true;
  } catch {
    return false;
  }
}

module.exports = {
  bufferOf,
  byteLengthOf,
  expectBufferAttached,
  formOf,
  isResizable,
  lengthOf,
  maximumOf,
  offsetOf,
  tracksLength,
};
