'use strict';

// The error for a value that cannot be cloned. It names the class of the value, and quotes nothing of the item.

const { isProxy } = require('node:util/types');

const { apply } = Reflect;
const { getOwnPropertyDescriptor, getPrototypeOf, hasOwn } = Object;
const { DOMException } = globalThis;
const nameOfException = getOwnPropertyDescriptor(DOMException.prototype, 'name').get;

const LONGEST_NAME = 64;

/** Makes a DataCloneError. Node calls this function both with and without `new`. */
function DataCloneError(message) {
  return new DOMException(message, 'DataCloneError');
}

/** Returns the value of an own property that is not an accessor. Runs no code of the program. */
function dataOf(object, key) {
  if (isProxy(object)) return undefined;
  const descriptor = getOwnPropertyDescriptor(object, key);
  return descriptor !== undefined && hasOwn(descriptor, 'value') ? descriptor.value : undefined;
}

/** Returns the name of the class that a prototype belongs to, if it has one. */
function nameOfConstructor(prototype) {
  const Class = dataOf(prototype, 'constructor');
  if (typeof Class !== 'function') return undefined;
  const name = dataOf(Class, 'name');
  return typeof name === 'string' && name !== '' ? name.slice(0, LONGEST_NAME) : undefined;
}

/** Returns the prototypes of an object up to the first proxy, which might run code of the program. */
function prototypesOf(object) {
  const prototypes = [];
  let prototype = getPrototypeOf(object);
  while (prototype !== null && !isProxy(prototype)) {
    prototypes.push(prototype);
    prototype = getPrototypeOf(prototype);
  }
  return prototypes;
}

/** Returns whether an object is a DOMException, both by its slots and by its prototypes. */
function isException(object) {
  if (!prototypesOf(object).includes(DOMException.prototype)) return false;
  try {
    apply(nameOfException, object, []);
    return true;
  } catch {
    return false;
  }
}

/** Returns the name of the class of a value. */
function classNameOf(value) {
  if (typeof value === 'function') return 'Function';
  if (typeof value === 'symbol') return 'Symbol';
  if (isProxy(value)) return 'Proxy';
  for (const prototype of prototypesOf(value)) {
    const name = nameOfConstructor(prototype);
    if (name !== undefined) return name;
  }
  return 'Object';
}

/** Throws the error for a value that cannot be cloned. */
function refuse(value, name = classNameOf(value)) {
  throw new DataCloneError(`#<${name}> could not be cloned.`);
}

module.exports = { DataCloneError, dataOf, isException, nameOfConstructor, prototypesOf, refuse };
