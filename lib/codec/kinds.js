'use strict';

// Recognizes objects by their internal slots, because a program can set their prototypes and properties to anything.

const types = require('node:util/types');

const {
  isAnyArrayBuffer,
  isArgumentsObject,
  isBoxedPrimitive,
  isDate,

  isGeneratorObject,
  isMap,
  isMapIterator,
  isModuleNamespaceObject,
  isNativeError,
  isPromise,
  isRegExp,
  isSet,
  isSetIterator,
  isSharedArrayBuffer,
  isSymbolObject,
  isWeakMap,
  isWeakSet,
  /** Bun and Deno have no such values. */
  isExternal = () => false,
} = types;
const { platformNameOf } = require('./platform.js');
const { isException, refuse } = require('./refusal.js');

const { apply } = Reflect;
const { getPrototypeOf, hasOwn } = Object;
const { structuredClone } = globalThis;
const ObjectPrototype = Object.prototype;
const { toString: tagOf } = ObjectPrototype;
const { toStringTag } = Symbol;

/** The kinds of objects that are neither arrays nor views. */
const Kind = Object.freeze({
  PLAIN: 0,
  INSTANCE: 1,
  MAP: 2,
  SET: 3,
  DATE: 4,
  ERROR: 5,
  EXCEPTION: 6,
  BUFFER: 7,
  REGEXP: 8,
  BOXED: 9,
});

/**
 * Returns the kind of an object, which must not be a proxy. Throws for an object that cannot be cloned. `toString`
 * knows only some slots. So an object that seems plain may be of another kind, with a prototype that was replaced. If
 * it has no properties, slotKindOf() finds that out.
 */
function kindOf(object) {
  const prototype = getPrototypeOf(object);
  // A tag may be a getter, so toString() is called only if there is no tag.
  if (
    prototype === ObjectPrototype &&
    !(toStringTag in object) &&
    apply(tagOf, object, []) === '[object Object]'
  ) {
    return Kind.PLAIN;
  }
  return slotKindOf(object, prototype);
}

/** Returns the kind by all slots that can be tested for. Throws for an object that cannot be cloned. */
function slotKindOf(object, prototype) {
  if (isMap(object)) return Kind.MAP;
  if (isSet(object)) return Kind.SET;
  if (isDate(object)) return Kind.DATE;
  if (isException(object)) return Kind.EXCEPTION;
  if (isNativeError(object)) return Kind.ERROR;
  if (isAnyArrayBuffer(object)) {
    if (isSharedArrayBuffer(object)) refuse(object, 'SharedArrayBuffer');
    return Kind.BUFFER;
  }
  if (isRegExp(object)) return Kind.REGEXP;
  if (isBoxedPrimitive(object)) {
    if (isSymbolObject(object)) refuse(object, 'Symbol');
    return Kind.BOXED;
  }
  const platformName = platformNameOf(prototype);
  if (platformName !== undefined) refuse(object, platformName);
  if (hasOtherSlots(object)) refuse(object);
  return Kind.INSTANCE;
}

/** Returns whether an object has slots that are not cloned, as far as slots can be tested for. */
function hasOtherSlots(object) {
  return (
    isPromise(object) ||
    isArgumentsObject(object) ||
    isGeneratorObject(object) ||
    isWeakMap(object) ||
    isWeakSet(object) ||
    isMapIterator(object) ||
    isSetIterator(object) ||
    isModuleNamespaceObject(object) ||
    isExternal(object)
  );
}

const isObjectPrototype = (prototype) =>
  prototype !== null && getPrototypeOf(prototype) === null && hasOwn(prototype, 'hasOwnProperty');

/**
 * Throws for an object without properties that cannot be cloned, of any kind. The engine clones it as a test: it knows
 * slots that no other test finds, and the object has no property that it could read.
 */
function expectCloneable(object) {
  let clone;
  try {
    clone = structuredClone(object);
  } catch (error) {
    if (error instanceof RangeError) throw error;
    refuse(object);
  }
  if (!isObjectPrototype(getPrototypeOf(clone))) refuse(object);
}

module.exports = { Kind, expectCloneable, kindOf, slotKindOf };
