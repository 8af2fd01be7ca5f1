'use strict';

// The reason of a failure, for another thread. The structured clone of an error would lose its
// code, its properties and the name of its class. So this file takes errors apart, into values that a
// batch can carry, and the other thread puts them together again.
//
// A packed reason is { reason, errors }: the reason as { value } or, if it is an error, as { error },
// its index among the errors. The causes and properties of errors have the same two forms.

const { inspect } = require('node:util');
const { isNativeError, isProxy } = require('node:util/types');
const { decodeBatch } = require('../codec/decoder.js');
const { BatchEncoder } = require('../codec/encoder.js');

/** The most causes that an error may be away from the reason. An error further away becomes text. */
const MOST_CAUSES = 16;

/** The most objects and arrays that packError() puts around a value. */
const LEVELS = 7;

const LONGEST_TEXT = 1024;

const CLASSES = new Map(
  [
    Error,
    TypeError,
    RangeError,
    SyntaxError,
    EvalError,
    ReferenceError,
    URIError,
    AggregateError,
    DOMException,
  ].map((Class) => [Class.name, Class]),
);

/** The own properties of errors that are not among their keys. */
const HIDDEN = ['message', 'stack', 'cause', 'errors'];

function isError(value) {
  return isNativeError(value) || (!isProxy(value) && readOr(false, () => value instanceof Error));
}

function textOf(value) {
  try {
    const text = inspect(value, { maxArrayLength: 16, maxStringLength: 256 });
    return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}...` : text;
  } catch {
    return `[${typeof value}]`;
  }
}

/** Returns the result of `read`, or `fallback` if it throws. A program's getters may throw, and so may their values. */
function readOr(fallback, read) {
  try {
    return read();
  } catch {
    return fallback;
  }
}

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

/** Copies a value. Also throws if the value is nested too deep inside everything that packError() puts around it. */
function copyToPack(value) {
  let within = value;
  for (let level = 0; level < LEVELS; level++) within = [within];
  return copyOf(within).flat(LEVELS - 1)[0];
}

/** Returns the names of an error's class and of the classes that it extends. */
function classNames(error) {
  const names = [];
  let prototype = Object.getPrototypeOf(error);
  for (; prototype !== null; prototype = Object.getPrototypeOf(prototype)) {
    const name = prototype.constructor?.name;
    if (typeof name === 'string') names.push(name);
  }
  return names;
}

/** Takes errors apart, each of them once. */
class Packer {
  errors = [];
  #indices = new Map();

  pack(value, causes) {
    if (!isError(value)) {
      const copied = readOr(undefined, () => ({ value: copyToPack(value) }));
      return copied ?? { value: textOf(value) };
    }
    if (causes > MOST_CAUSES) return { value: textOf(value) };
    return { error: this.#packError(value, causes) };
  }

  #packError(error, causes) {
    const known = this.#indices.get(error);
    if (known !== undefined) return known;
    const index = this.errors.length;
    this.#indices.set(error, index);
    const names = readOr([], () => classNames(error));
    const base = names.find((name) => CLASSES.has(name)) ?? 'Error';
    const packed = {
      base,
      name: nameOf(error, names[0] ?? base, base),
      message: readOr('', () => `${error.message}`),
      properties: [],
    };
    this.errors.push(packed);
    packed.properties = this.#packProperties(error, packed, causes + 1);
    return index;
  }

  #packProperties(error, { base, name }, causes) {
    const properties = [];
    const add = (key, enumerable) => {
      const read = readOr(undefined, () => ({ value: error[key] }));
      if (read === undefined) return;
      properties.push({ key, enumerable, ...this.#packProperty(key, read.value, causes) });
    };
    for (const key of HIDDEN) if (key === 'stack' || Object.hasOwn(error, key)) add(key, false);
    const keys = Object.keys(error).filter((key) => !HIDDEN.includes(key));
    for (const key of keys) add(key, true);
    // A DOMException gets its name and its code from its class.
    if (base === 'DOMException') return properties;
    if (!keys.includes('name') && name !== base) {
      properties.push({ key: 'name', enumerable: false, value: name });
    }
    if (!keys.includes('code') && 'code' in error) add('code', true);
    return properties;
  }

  #packProperty(key, value, causes) {
    if (key !== 'errors' || !Array.isArray(value)) return this.pack(value, causes);
    return { list: Array.from(value, (element) => this.pack(element, causes)) };
  }
}

/** Returns the name of an error. It may differ from the name of its class. */
function nameOf(error, className, base) {
  const name = readOr(undefined, () => error.name);
  return typeof name === 'string' && name !== base ? name : className;
}

/** Returns a value that BatchEncoder can encode. Never throws. */
function packError(reason) {
  const packer = new Packer();
  if (isError(reason)) return { reason: packer.pack(reason, 0), errors: packer.errors };
  const copied = readOr(undefined, () => ({ value: copyToPack(reason) }));
  if (copied !== undefined) return { reason: copied, errors: [] };
  const error = new Error(`The reason of the failure cannot be cloned: ${textOf(reason)}`);
  error.code = 'ERR_UNCLONEABLE_REASON';
  return { reason: packer.pack(error, 0), errors: packer.errors };
}

function makeError({ base, name, message }) {
  switch (base) {
    case 'AggregateError':
      return new AggregateError([]);
    case 'DOMException':
      return new DOMException(message, name);
    default:
      return new (CLASSES.get(base))();
  }
}

/** Returns the reason that packError() has packed, as the other thread sees it. */
function unpackError({ reason, errors: packedErrors }) {
  const errors = packedErrors.map(makeError);
  const unpack = (packed) => {
    if ('list' in packed) return packed.list.map(unpack);
    return 'error' in packed ? errors[packed.error] : packed.value;
  };
  for (const [index, { properties }] of packedErrors.entries()) {
    for (const property of properties) {
      Object.defineProperty(errors[index], property.key, {
        value: unpack(property),
        writable: true,
        enumerable: property.enumerable,
        configurable: true,
      });
    }
  }
  return unpack(reason);
}

/** Packs and encodes a reason: returns the last arguments of the native functions that take a reason. */
function encodeError(reason) {
  const { head, texts, chunks } = encodeSingle(packError(reason));
  return [head, texts, chunks];
}

module.exports = { encodeError, packError, unpackError };
