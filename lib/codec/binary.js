'use strict';

// What the encoder has to know of memory: whether it is still there, and what it is seen as.

const { FORMS } = require('./layout.js');

const { getPrototypeOf } = Object;
const Uint8ArrayPrototype = Uint8Array.prototype;
const BufferPrototype = Buffer.prototype;

const UINT8_ARRAY = FORMS.indexOf('Uint8Array');
const BUFFER = FORMS.indexOf('Buffer');

/** What a typed array is, whatever its class says. */
const nameOfTypedArray = Object.getOwnPropertyDescriptor(
  getPrototypeOf(Uint8ArrayPrototype),
  Symbol.toStringTag,
).get;

function formOf(view) {
  const prototype = getPrototypeOf(view);
  if (prototype === Uint8ArrayPrototype) return UINT8_ARRAY;
  if (prototype === BufferPrototype || view instanceof Buffer) return BUFFER;
  return FORMS.indexOf(Reflect.apply(nameOfTypedArray, view, []) ?? 'DataView');
}

/** Node calls it both with and without `new`. */
function DataCloneError(message) {
  return new DOMException(message, 'DataCloneError');
}

/** Throws for a view or an ArrayBuffer whose memory was transferred away. */
function expectAttached(binary) {
  if (binary.byteLength > 0) return;
  const buffer = ArrayBuffer.isView(binary) ? binary.buffer : binary;
  try {
    new Uint8Array(buffer);
  } catch {
    throw new DataCloneError('An ArrayBuffer is detached and could not be cloned.');
  }
}

/** Of a view or an ArrayBuffer. */
function bytesOf(binary) {
  expectAttached(binary);
  return ArrayBuffer.isView(binary)
    ? new Uint8Array(binary.buffer, binary.byteOffset, binary.byteLength)
    : new Uint8Array(binary);
}

module.exports = { DataCloneError, bytesOf, expectAttached, formOf };
