// Compares the items that have arrived with those of structuredClone: every value, class, key and identity.

import { types } from 'node:util';

const { getOwnPropertyDescriptor, getPrototypeOf, hasOwn, is, keys } = Object;

class Difference extends Error {}

function expect(condition, path, what) {
  if (!condition) throw new Difference(`${path.join('.') || 'the item'}: ${what}`);
}

const isBuffer = (value) => Buffer.isBuffer(value);

/** Returns the class of a clone. A Buffer counts as the Uint8Array that an engine makes of it. */
function classOf(value) {
  const prototype = getPrototypeOf(value);
  return prototype === Buffer.prototype ? Uint8Array.prototype : prototype;
}

/** The fields of an error that structured clone carries. Bun's own clone carries neither the cause nor the stack. */
const ERROR_FIELDS = globalThis.Bun === undefined ? ['message', 'cause', 'stack'] : ['message'];

class Comparison {
  /** The counterpart of each object that was seen, in both directions. */
  #received = new Map();
  #expected = new Map();
  /** The memory of each view that was seen, and the memory of its counterpart. */
  #memories = new Map();

  compare(received, expected, path) {
    if (typeof expected !== 'object' || expected === null) {
      expect(is(received, expected), path, `${String(received)} instead of ${String(expected)}`);
      return;
    }
    expect(
      typeof received === 'object' && received !== null,
      path,
      `${typeof received}, not an object`,
    );
    if (this.#expected.has(expected) || this.#received.has(received)) {
      expect(this.#expected.get(expected) === received, path, 'not the same object as before');
      return;
    }
    this.#expected.set(expected, received);
    this.#received.set(received, expected);
    expect(classOf(received) === classOf(expected), path, 'of another class');
    this.#compareObjects(received, expected, path);
  }

  #compareObjects(received, expected, path) {
    if (ArrayBuffer.isView(expected)) this.#compareViews(received, expected, path);
    else if (types.isArrayBuffer(expected)) this.#compareMemories(received, expected, path);
    else if (types.isNativeError(expected)) this.#compareErrors(received, expected, path);
    else if (types.isMap(expected)) this.compare([...received], [...expected], path);
    else if (types.isSet(expected)) this.compare([...received], [...expected], path);
    else if (types.isDate(expected)) expect(is(+received, +expected), path, 'another date');
    else if (types.isRegExp(expected)) {
      expect(String(received) === String(expected), path, 'another RegExp');
      expect(received.lastIndex === expected.lastIndex, path, 'another lastIndex');
    } else if (types.isBoxedPrimitive(expected)) {
      expect(is(received.valueOf(), expected.valueOf()), path, 'another primitive');
    } else this.#compareProperties(received, expected, path);
  }

  #compareProperties(received, expected, path) {
    if (Array.isArray(expected)) {
      expect(received.length === expected.length, path, `${received.length} elements`);
    }
    const names = keys(expected);
    expect(String(keys(received)) === String(names), path, `keys ${keys(received)}, not ${names}`);
    for (const name of names) {
      const descriptor = getOwnPropertyDescriptor(received, name);
      expect(descriptor.writable && descriptor.configurable, path, `${name} is fixed`);
      this.compare(descriptor.value, expected[name], [...path, name]);
    }
  }

  #compareErrors(received, expected, path) {
    for (const field of ERROR_FIELDS) {
      expect(hasOwn(received, field) === hasOwn(expected, field), path, `own ${field}`);
      if (!hasOwn(expected, field)) continue;
      expect(!keys(received).includes(field), path, `${field} is enumerable`);
      this.compare(received[field], expected[field], [...path, field]);
    }
    expect(received.name === expected.name, path, `name ${received.name}`);
  }

  #compareViews(received, expected, path) {
    expect(received.byteLength === expected.byteLength, path, `${received.byteLength} bytes`);
    const bytes = (view) => Buffer.from(view.buffer, view.byteOffset, view.byteLength);
    expect(bytes(received).equals(bytes(expected)), path, 'other bytes');
    const { buffer } = expected;
    expect(received.buffer.resizable === buffer.resizable, path, 'resizable or not');
    expect(
      received.buffer.maxByteLength === buffer.maxByteLength || !buffer.resizable,
      path,
      'maximum',
    );
    this.#compareTracking(received, expected, path);
    this.#relate(
      received.buffer,
      buffer,
      received.byteOffset - expected.byteOffset,
      isBuffer(received),
      path,
    );
  }

  #compareMemories(received, expected, path) {
    expect(received.byteLength === expected.byteLength, path, `${received.byteLength} bytes`);
    expect(Buffer.from(received).equals(Buffer.from(expected)), path, 'other bytes');
    expect(received.resizable === expected.resizable, path, 'resizable or not');
    expect(received.maxByteLength === expected.maxByteLength, path, 'maximum');
    this.#relate(received, expected, 0, false, path);
  }

  /** Checks that both views follow the length of their buffers alike. Changes and restores both lengths. */
  #compareTracking(received, expected, path) {
    if (!expected.buffer.resizable) return;
    const lengthWhenLarger = (view) => {
      const { byteLength, maxByteLength } = view.buffer;
      view.buffer.resize(maxByteLength);
      const length = view.byteLength;
      view.buffer.resize(byteLength);
      return length;
    };
    expect(
      lengthWhenLarger(received) === lengthWhenLarger(expected),
      path,
      'tracks its length or not',
    );
  }

  /** Checks that views of one memory share it again, at the same distance. Buffers that do not overlap need not. */
  #relate(received, expected, distance, isOfBuffer, path) {
    const known = this.#memories.get(expected);
    if (known === undefined) {
      this.#memories.set(expected, { received, distance, isOfBuffer });
      return;
    }
    if (isOfBuffer && known.isOfBuffer) return;
    expect(known.received === received, path, 'memory of its own');
    expect(known.distance === distance, path, 'at another distance');
  }
}

/** Returns a description of how the values differ, or nothing. */
export function differenceOf(received, expected) {
  try {
    new Comparison().compare(received, expected, []);
    return undefined;
  } catch (error) {
    if (error instanceof Difference) return error.message;
    throw error;
  }
}
