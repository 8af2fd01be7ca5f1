// Random values with everything that a program can put into a value: cycles, shared parts and memory, getters,
// proxies, and misleading prototypes. The same seed always makes the same value.

import { types } from 'node:util';
import { seededRandom } from './random.mjs';
import { TYPED_ARRAYS } from './structured-values.mjs';

const NUMBERS = [
  0,
  -0,
  1,
  -1,
  0.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 31,
  -(2 ** 31),
  2 ** 53,
  5e-324,
];
const TEXTS = ['', 'a', 'name', 'ü', '😀', '\ud83d', 'x'.repeat(40), 'y'.repeat(3000), '\u0000'];
const BIGINTS = [0n, -1n, 2n ** 63n, -(2n ** 63n), 2n ** 63n - 1n, 2n ** 200n, -(2n ** 200n)];
const KEYS = [
  'a',
  'b',
  'c',
  'id',
  'data',
  '0',
  '17',
  '',
  '__proto__',
  'constructor',
  'toString',
  'length',
  'name',
];
const VIEWS = [...TYPED_ARRAYS, DataView];
const ERRORS = [
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  EvalError,
  ReferenceError,
  URIError,
  AggregateError,
];
const NAMES = ['Error', 'TypeError', 'RangeError', 'Custom', ''];

class Instance {
  #hidden = 1;
  get hidden() {
    return this.#hidden;
  }
}
class Subclass extends Map {}
// Getters throw no TypeError of their own, because Deno's clone replaces it by a DataCloneError.
const { isUint8Array } = types;
const appendTo = Function.prototype.call.bind(Array.prototype.push);
const OldStyle = function OldStyle() {};
OldStyle.prototype.inherited = 1;

const PROTOTYPES = [
  null,
  Object.prototype,
  Array.prototype,
  Map.prototype,
  Date.prototype,
  Error.prototype,
  Instance.prototype,
  Subclass.prototype,
  OldStyle.prototype,
  Uint8Array.prototype,
  Object.create(null),
  Object.create({ inherited: 1 }),
];

/** The probability that a value occurs in the same item again. */
const AGAIN = 0.12;

class Maker {
  #random;
  #made = [];
  #buffers = [];
  /** The names of the getters that have run, in order. */
  reads = [];

  constructor(seed, isHostile) {
    this.#random = seededRandom(seed);
    this.isHostile = isHostile;
  }

  #below(count) {
    return Math.floor(this.#random() * count);
  }

  #one(list) {
    return list[this.#below(list.length)];
  }

  #chance(share) {
    return this.#random() < share;
  }

  value(depth) {
    if (this.#made.length > 0 && this.#chance(AGAIN)) return this.#one(this.#made);
    if (depth === 0 || this.#chance(0.4)) return this.#primitive();
    return this.#object(depth - 1);
  }

  #primitive() {
    switch (this.#below(7)) {
      case 0:
        return this.#one(NUMBERS);
      case 1:
        return this.#below(1000);
      case 2:
        return this.#one(TEXTS);
      case 3:
        return this.#one(BIGINTS);
      case 4:
        return this.#chance(0.5);
      case 5:
        return this.#one([undefined, null]);
      default:
        return `text ${this.#below(1000)}`;
    }
  }

  #keep(object) {
    this.#made.push(object);
    return object;
  }

  #object(depth) {
    const object = this.#makeObject(depth);
    if (!this.#chance(0.08)) return object;
    const prototype = this.#one(PROTOTYPES);
    // The one disguise that the encoder does not detect: see docs/contract.md.
    const mayHaveKeys = this.isHostile || Object.keys(object).length > 0;
    const isDisguised = prototype === Object.prototype && mayHaveKeys;
    return isDisguised ? object : Object.setPrototypeOf(object, prototype);
  }

  #makeObject(depth) {
    const kind = this.#below(this.isHostile ? 20 : 18);
    switch (kind) {
      case 0:
      case 1:
      case 2:
      case 3:
        return this.#fill(this.#keep({}), depth);
      case 4:
      case 5:
        return this.#fillArray(this.#keep([]), depth);
      case 6: {
        const map = this.#keep(new Map());
        for (let count = this.#below(3); count > 0; count--)
          map.set(this.value(depth), this.value(depth));
        if (this.#chance(0.2)) this.#fill(map, depth);
        return map;
      }
      case 7: {
        const set = this.#keep(new Set());
        for (let count = this.#below(3); count > 0; count--) set.add(this.value(depth));
        return set;
      }
      case 8:
        return this.#keep(new Date(this.#one([0, 1e12, Number.NaN])));
      case 9:
        return this.#keep(Object(this.#one([1, -0, 'boxed', true, 5n, 2n ** 70n])));
      case 10:
        return this.#keep(this.#one([() => /a+/giu, () => /^$/, () => /[/]\n/dsy])());
      case 11:
        return this.#error(depth);
      case 12:
      case 13:
        return this.#view();
      case 14:
        return this.#buffer();
      case 15:
        return this.#fill(this.#keep(new Instance()), depth);
      case 16:
        return this.#fill(
          this.#keep(Object.create(this.#one([null, { inherited: 1 }, OldStyle.prototype]))),
          depth,
        );
      case 17: {
        const array = this.#fillArray(this.#keep([]), depth);
        array.length += this.#below(3);
        if (this.#chance(0.5)) this.#fill(array, depth);
        return array;
      }
      case 18:
        return this.#one([
          () => new Proxy({}, {}),
          () => new Proxy([1], {}),
          () => () => {},
          () => Symbol('secret'),
          () => Promise.resolve(),
          () => new WeakMap(),
          () => new WeakRef({}),
          () => [].values(),
          () => Object(Symbol('secret')),
          () => (function* () {})(),
        ])();
      default:
        return this.#getters(this.#keep({}), depth);
    }
  }

  #fill(object, depth) {
    for (let count = this.#below(5); count > 0; count--) {
      const key = this.#one(KEYS);
      if (key === 'length' && Array.isArray(object)) continue;
      Object.defineProperty(object, key, {
        value: this.value(depth),
        writable: true,
        // Bun treats every index as enumerable.
        enumerable: !this.#chance(0.05) || key === '0' || key === '17',
        configurable: true,
      });
    }
    return object;
  }

  #fillArray(array, depth) {
    for (let count = this.#below(5); count > 0; count--) {
      if (this.#chance(0.05)) array.length++;
      else array.push(this.value(depth));
    }
    return array;
  }

  /** Adds getters that change parts that were made before, or parts that come after. */
  #getters(object, depth) {
    for (let count = this.#below(3); count >= 0; count--) {
      const key = this.#one(['a', 'b', 'c', 'd']);
      const value = this.value(depth);
      const action = this.#below(6);
      const target = this.#made.length > 0 ? this.#one(this.#made) : undefined;
      Object.defineProperty(object, key, {
        get: () => {
          this.reads.push(key);
          if (action === 0) delete object.d;
          if (action === 1 && isUint8Array(target) && target[0] !== undefined) target[0] ^= 255;
          if (action === 2 && Array.isArray(target)) appendTo(target, 1);
          if (action === 3 && target !== undefined && !ArrayBuffer.isView(target))
            Reflect.set(target, 'a', 'changed');
          return value;
        },
        enumerable: true,
        configurable: true,
      });
    }
    Object.defineProperty(object, 'd', { value: 1, enumerable: true, configurable: true });
    return object;
  }

  #error(depth) {
    const Class = this.#one(ERRORS);
    const options = this.#chance(0.3) ? { cause: this.value(depth) } : undefined;
    const error = this.#keep(
      Class === AggregateError
        ? new Class([1], 'all', options)
        : new Class(this.#one(TEXTS), options),
    );
    error.stack = this.#chance(0.2) ? 5 : `stack ${this.#below(100)}`;
    if (this.#chance(0.2)) error.name = this.#one(NAMES);
    if (this.#chance(0.2)) error.extra = this.value(depth);
    if (this.#chance(0.1)) delete error.message;
    return error;
  }

  /** Returns memory and keeps its length, because its prototype may change. */
  #memory() {
    if (this.#buffers.length > 0 && this.#chance(0.4)) return this.#one(this.#buffers);
    const isResizable = this.#chance(0.15);
    const length = this.#one(isResizable ? [0, 8, 24, 64] : [0, 1, 8, 24, 64, 200, 33_000]);
    const options = { maxByteLength: length + this.#one([0, 16]) };
    const buffer = isResizable ? new ArrayBuffer(length, options) : new ArrayBuffer(length);
    const bytes = new Uint8Array(buffer);
    for (let index = 0; index < length; index += 7) bytes[index] = index + length;
    const memory = { buffer, length, isResizable };
    this.#buffers.push(memory);
    return memory;
  }

  #buffer() {
    return this.#keep(this.#memory().buffer);
  }

  #view() {
    if (this.#chance(0.15)) return this.#keep(Buffer.from(`buffer ${this.#below(100)}`));
    const { buffer, length: byteLength, isResizable } = this.#memory();
    const View = this.#one(VIEWS);
    const size = View.BYTES_PER_ELEMENT ?? 1;
    const elements = Math.floor(byteLength / size);
    const start = this.#below(Math.min(elements, 3) + 1);
    const tracks = isResizable && this.#chance(0.5);
    const length = tracks ? undefined : this.#below(elements - start + 1);
    return this.#keep(new View(buffer, start * size, length));
  }
}

/** Returns a random value, and the names of its getters that have run so far. */
export function randomValue(seed, isHostile = false) {
  const maker = new Maker(seed, isHostile);
  return { value: maker.value(4), reads: maker.reads };
}
