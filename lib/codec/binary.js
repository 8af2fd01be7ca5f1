'use strict';

// What the encoder has to know of memory: whether it is still there, and what it is seen as.

const { FORMS } = require('./layout.js');

const { getPrototypeOf } = Object;
const Uint8ArrayPrototype = Uint8Array.prototype;
const BufferPrototype = Buffer.prototype;

const UINT8_ARRAY = FORMS.indexOf('Uint8Array');
const BUFFER = FORMS.indexOf('Buffer');

const getterOf = (prototype, key) => Object.getOwnPropertyDescriptor(prototype, key).get;
const TypedArrayPrototype = getPrototypeOf(Uint8ArrayPrototype);

/** What a typed array is, whatever its class says. */
const nameOfTypedArray = getterOf(TypedArrayPrototype, Symbol.toStringTag);

/** Throws if the memory of a typed array has gone, also where its length would only be 0. */
const { keys: keysOfTypedArray } = TypedArrayPrototype;

const TYPED_ARRAY = placeIn(TypedArrayPrototype);
const [, , byteLengthOfTypedArray] = TYPED_ARRAY;
const DATA_VIEW = placeIn(DataView.prototype);

/** How to ask for the place of a view in its memory, whatever its class says. */
function placeIn(prototype) {
  return ['buffer', 'byteOffset', 'byteLength'].map((key) => getterOf(prototype, key));
}

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

/** Of a view or an ArrayBuffer. Throws if the memory was transferred away, or has shrunk too far. */
function bytesOf(binary) {
  try {
    if (!ArrayBuffer.isView(binary)) return new Uint8Array(binary);
    const isTypedArray = Reflect.apply(nameOfTypedArray, binary, []) !== undefined;
    if (isTypedArray) Reflect.apply(keysOfTypedArray, binary, []);
    const place = isTypedArray ? TYPED_ARRAY : DATA_VIEW;
    return new Uint8Array(...place.map((getter) => Reflect.apply(getter, binary, [])));
  } catch {
    throw new DataCloneError('An ArrayBuffer is detached and could not be cloned.');
  }
}

/** Of a typed array, whatever its own properties say. */
const byteLengthOf = (bytes) => Reflect.apply(byteLengthOfTypedArray, bytes, []);

/** Whether a view is one of bytes already, by a class that does not say otherwise. */
function isOfBytes(view) {
  const prototype = getPrototypeOf(view);
  return prototype === Uint8ArrayPrototype || prototype === BufferPrototype;
}

/** The same view, by a class of the engine or of Node. */
function ordinaryView(view) {
  const { buffer, byteOffset, byteLength } = bytesOf(view);
  const form = FORMS[formOf(view)];
  if (form === 'Buffer') return Buffer.from(buffer, byteOffset, byteLength);
  const View = globalThis[form];
  return new View(buffer, byteOffset, byteLength / (View.BYTES_PER_ELEMENT ?? 1));
}

module.exports = { DataCloneError, byteLengthOf, bytesOf, formOf, isOfBytes, ordinaryView };
