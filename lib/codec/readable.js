'use strict';

// What an engine would write although it could not read it again, which would cost the reader all that comes
// with it and behind it.

const {
  isAnyArrayBuffer,
  isBoxedPrimitive,
  isDate,
  isMap,
  isNativeError,
  isProxy,
  isRegExp,
  isSet,
} = require('node:util/types');
const { DataCloneError } = require('./binary.js');
const { Seen } = require('./seen.js');

/**
 * Objects within each other at most. To read each takes up to 570 bytes of the stack, more than to write it, and
 * the reader may have less of it than the writer: a main thread has 984 KiB, a worker 4 MiB.
 */
const DEEPEST = 1024;

const { getOwnPropertyDescriptor, getPrototypeOf } = Object;
const ObjectPrototype = Object.prototype;
const { forEach: forEachInMap } = Map.prototype;
const { forEach: forEachInSet } = Set.prototype;

/** Without a compiler, Node has none. */
const exportsOf = globalThis.WebAssembly?.Module.exports;

/** Node writes nothing in the place of one. Only its own functions know it, by whatever class. */
function isModule(object) {
  if (exportsOf === undefined || Array.isArray(object)) return false;
  try {
    exportsOf(object);
    return true;
  } catch {
    return false;
  }
}

class Inspection {
  #seen = new Seen();
  /** How many objects are around what is inspected. */
  #depth = 0;
  /** Whether it has errors with causes: Node 20 cannot read those that are among their own. */
  hasCauses = false;

  /** Throws for what cannot be read. Goes in the engine's order, which comes to an object only once. */
  inspect(value) {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
    if (!this.#seen.isNew(value)) return;
    if (this.#depth === DEEPEST)
      throw new DataCloneError('The item is nested too deep to be cloned.');
    this.#depth++;
    this.#inspectParts(value);
    this.#depth--;
  }

  #inspectParts(object) {
    if (isProxy(object)) throw new DataCloneError('#<Object> could not be cloned.');
    if (getPrototypeOf(object) === ObjectPrototype) {
      for (const key in object) this.inspect(object[key]);
    } else if (Array.isArray(object)) this.#inspectProperties(object);
    else if (isMap(object)) Reflect.apply(forEachInMap, object, [this.#inspectEntry]);
    else if (isSet(object)) Reflect.apply(forEachInSet, object, [this.#inspectElement]);
    else if (isNativeError(object)) this.#inspectCause(object);
    else if (!hasNoParts(object)) this.#inspectProperties(object);
  }

  #inspectProperties(object) {
    const values = Object.values(object);
    if (values.length === 0 && isModule(object)) {
      throw new DataCloneError('#<Module> could not be cloned.');
    }
    for (let index = 0; index < values.length; index++) this.inspect(values[index]);
  }

  #inspectEntry = (value, key) => {
    this.inspect(key);
    this.inspect(value);
  };

  #inspectElement = (value) => this.inspect(value);

  #inspectCause(error) {
    const cause = getOwnPropertyDescriptor(error, 'cause')?.value;
    this.hasCauses ||= typeof cause === 'object' && cause !== null;
    this.inspect(cause);
  }
}

/** Their properties are not cloned. */
const hasNoParts = (object) =>
  isDate(object) || isRegExp(object) || isBoxedPrimitive(object) || isAnyArrayBuffer(object);

module.exports = { Inspection };
