'use strict';

// Recognizes objects by their internal slots, because a program can set their prototypes and properties to anything;
// and objects that the program has marked as uncloneable.

const { syncBuiltinESMExports } = require('node:module');
const types = require('node:util/types');
const { runInThisContext } = require('node:vm');
const threads = require('node:worker_threads');

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
const { getOwnPropertySymbols, getPrototypeOf, hasOwn } = Object;
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

/**
 * The key of the objects that a program has marked with `markAsUncloneable()`. No runtime reports the marked objects,
 * so a replacement of the function also remembers them. It is installed once for each environment. It belongs to the
 * realm of the environment, because it must not keep alive another realm that has loaded the package.
 */
const MARKED = Symbol.for('async-iterable-bridge:uncloneable');
const REPLACEMENT = `(mark, MARKED) => {
  const marked = { objects: new WeakSet(), isEmpty: true };
  function markAsUncloneable(object) {
    mark(object);
    if ((typeof object !== 'object' || object === null) && typeof object !== 'function') return;
    marked.objects.add(object);
    marked.isEmpty = false;
  }
  return Object.defineProperty(markAsUncloneable, MARKED, { value: marked });
}`;

function rememberMarked() {
  const { markAsUncloneable } = threads;
  if (markAsUncloneable === undefined) return { objects: new WeakSet(), isEmpty: true };
  if (markAsUncloneable[MARKED] === undefined) {
    threads.markAsUncloneable = runInThisContext(REPLACEMENT)(markAsUncloneable, MARKED);
    syncBuiltinESMExports();
  }
  return threads.markAsUncloneable[MARKED];
}

const marked = rememberMarked();

/** The mark of an object in Deno: a property that a program can read. */
const [MARK] = process.versions.deno === undefined ? [] : getOwnPropertySymbols(markedByDeno());

function markedByDeno() {
  const object = {};
  threads.markAsUncloneable?.(object);
  return object;
}

/** Returns whether the program has marked an object as uncloneable. The object must not be a proxy. */
function isMarked(object) {
  if (MARK !== undefined) return hasOwn(object, MARK);
  return !marked.isEmpty && marked.objects.has(object);
}

module.exports = { Kind, expectCloneable, isMarked, kindOf, slotKindOf };
