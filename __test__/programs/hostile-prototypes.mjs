// Defines accessors on the prototypes of the language, before or after the first stream, that transfer away the
// memory of every value that they get; then uses streams and channels. Prints which items arrived, and how often
// the accessors got the memory that streams share.
//
//   hostile-prototypes.mjs before|after <kind of accessors> <uses, separated by commas>

import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const [when, kind, names] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const file = fileURLToPath(new URL('../../LICENSE', import.meta.url));

const TypedArray = Object.getPrototypeOf(Uint8Array);
const { apply, getOwnPropertyDescriptor, defineProperty } = Reflect;
const bufferOf = getOwnPropertyDescriptor(TypedArray.prototype, 'buffer').get;
const lengthOf = getOwnPropertyDescriptor(TypedArray.prototype, 'length').get;
const byteLengthOf = getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength').get;
const { isView } = ArrayBuffer;
const clone = globalThis.structuredClone;
const { ArrayBuffer: Buffers, Float64Array: Doubles } = globalThis;

/** A length that no other array of doubles has here. */
const SLAB_LENGTH = 4096;

/** The size of the smallest memory to transfer. Smaller memory belongs to the runtime, which crashes without it. */
const LEAST_BYTES = 16 * 1024;

let slabs = 0;
let isTaking = false;

/** Transfers away the memory of a value that has memory. */
function take(value) {
  if (isTaking || (typeof value !== 'object' && typeof value !== 'function') || value === null)
    return;
  isTaking = true;
  try {
    if (value instanceof Doubles && apply(lengthOf, value, []) >= SLAB_LENGTH) slabs++;
    const buffer =
      isView(value) && !(value instanceof DataView) ? apply(bufferOf, value, []) : value;
    if (!(buffer instanceof Buffers) || apply(byteLengthOf, buffer, []) < LEAST_BYTES) return;
    clone(buffer, { transfer: [buffer] });
  } catch {
    // It cannot be transferred.
  } finally {
    isTaking = false;
  }
}

/** Replaces a property by an accessor that takes the memory of its value first, and then behaves as before. */
function watch(object, name) {
  const before = getOwnPropertyDescriptor(object, name);
  if (before?.configurable === false) return;
  defineProperty(object, name, {
    get() {
      take(this);
      if (before === undefined) return undefined;
      return before.get === undefined ? before.value : apply(before.get, this, []);
    },
    set(value) {
      take(this);
      take(value);
      defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
    },
    configurable: true,
  });
}

/** Makes all objects that set a property share the value that was set first. */
function exchange(name) {
  let first;
  defineProperty(Object.prototype, name, {
    get: () => first,
    set(value) {
      first ??= value;
    },
    configurable: true,
  });
}

/** Makes a method take the memory of its receiver and its arguments first. */
function wrap(object, name) {
  const method = object[name];
  defineProperty(object, name, {
    value(...values) {
      take(this);
      for (let index = 0; index < values.length; index++) take(values[index]);
      return new.target === undefined ? apply(method, this, values) : new method(...values);
    },
    writable: true,
    configurable: true,
  });
}

const NAMES = [
  'handle',
  'number',
  'numbers',
  'decode',
  'slab',
  'buffer',
  'drain',
  'start',
  'cancel',
  'stats',
  'kind',
  'description',
  'index',
];
const ERROR_NAMES = ['code', 'errno', 'syscall', 'path', 'cause'];
const TERMS = [
  'capacity',
  'maxBytes',
  'timeSlice',
  'overflow',
  'senders',
  'create',
  'wake',
  'listen',
  'forget',
];
const VIEWS = ['length', 'byteLength', 'byteOffset', 'buffer', 'constructor'];
const METHODS = ['slice', 'subarray', 'set', 'fill'];

const kinds = {
  objects() {
    for (const name of [...NAMES, ...ERROR_NAMES, ...TERMS]) watch(Object.prototype, name);
  },
  exchanges() {
    for (const name of ['handle', 'number', 'decode', 'hasFailed', 'slab']) exchange(name);
  },
  arrays() {
    for (const name of ['constructor', 'map', 'slice', 'filter']) watch(Array.prototype, name);
    watch(Array, Symbol.species);
    wrap(Array.prototype, Symbol.iterator);
    wrap(Array, 'from');
  },
  indices() {
    for (const index of ['0', '1', '2', '5']) {
      watch(Array.prototype, index);
      watch(Object.prototype, index);
    }
  },
  views() {
    for (const name of VIEWS) watch(TypedArray.prototype, name);
    for (const name of METHODS) wrap(TypedArray.prototype, name);
    wrap(TypedArray.prototype, Symbol.iterator);
    watch(TypedArray, Symbol.species);
    for (const View of [Float64Array, BigInt64Array, BigUint64Array])
      watch(View.prototype, 'constructor');
    for (const name of ['Float64Array', 'BigInt64Array', 'BigUint64Array']) {
      const View = globalThis[name];
      globalThis[name] = class extends View {
        constructor(...values) {
          take(values[0]);
          super(...values);
        }
      };
    }
  },
  buffers() {
    for (const name of ['byteLength', 'constructor']) watch(ArrayBuffer.prototype, name);
    wrap(ArrayBuffer.prototype, 'slice');
    watch(ArrayBuffer, Symbol.species);
    // Taking memory away when it is made is an immediate error.
    if (when === 'after') wrap(Buffer, 'from');
  },
  promises() {
    watch(Object.prototype, 'then');
    for (const name of ['constructor', 'then', 'catch', 'finally']) watch(Promise.prototype, name);
    watch(Promise, Symbol.species);
    for (const name of ['get', 'set', 'delete']) wrap(Map.prototype, name);
    wrap(FinalizationRegistry.prototype, 'register');
    wrap(Reflect, 'apply');
  },
};

/** Returns the outcome of a use: its items, or the code of its error. */
async function outcomeOf(use) {
  try {
    return await use();
  } catch (error) {
    return error.code ?? error.name;
  }
}

async function collect(stream) {
  const items = [];
  for await (const item of stream) items[items.length] = item;
  return items;
}

/** Returns the package, which is loaded at its first use. */
const bridge = () => require('../../index.js');

if (when === 'before') kinds[kind]();
const addon = require(process.env.TEST_ADDON);
if (when === 'after') {
  await collect(bridge().range(0, 10));
  await collect(addon.itemsF64());
  kinds[kind]();
}

const uses = {
  async range() {
    let sum = 0;
    for await (const number of bridge().range(0, 10_000)) sum += number;
    return sum;
  },
  async lines() {
    const lines = await collect(bridge().readLines(file));
    return lines[0];
  },
  async bytesOfLines() {
    const lines = await collect(bridge().readLines(file, { encoding: 'buffer' }));
    return String(lines[0]);
  },
  async missingFile() {
    return collect(bridge().readLines('/no such file'));
  },
  async walk() {
    const entries = await collect(
      bridge().walk(fileURLToPath(new URL('.', import.meta.url)), { threads: 1 }),
    );
    return entries.some((entry) => entry.name === 'hostile-prototypes.mjs');
  },
  async rows() {
    const rows = await collect(addon.itemsPerson());
    return `${rows.length} ${rows[0].fullName} ${rows[0].balance} ${rows[0].tags} ${rows[0].picture.length}`;
  },
  async numbers() {
    return String(await collect(addon.itemsF64()));
  },
  async bigints() {
    return String(await collect(addon.itemsI128()));
  },
  async strings() {
    return String(await collect(addon.itemsString()));
  },
  async manyStrings() {
    const lists = await collect(addon.itemsManyStrings());
    return `${lists.length} ${lists[1].length} ${lists[1][19_999]}`;
  },
  async bytes() {
    return (await collect(addon.itemsBytes())).map((bytes) => bytes.toString('hex')).join();
  },
  async arrays() {
    const arrays = await collect(addon.itemsMixedArrays());
    return `${arrays[0][1]} ${arrays[1][2]} ${arrays[1][3]}`;
  },
  async values() {
    return JSON.stringify(await collect(addon.itemsNapi()));
  },
  async channel() {
    const { Channel } = bridge();
    const channel = new Channel();
    const receiver = channel.receiver();
    const sender = Channel.from(channel.handle).sender();
    for (let index = 0; index < 100; index++) sender.push({ index, text: `item ${index}` });
    sender.done();
    const items = await collect(receiver);
    return `${items.length} ${items[99]?.text}`;
  },
  async iterable() {
    const { iterable, push, done } = bridge().createAsyncIterable();
    for (let index = 0; index < 100; index++) push(index);
    done();
    return (await collect(iterable)).length;
  },
};

const outcomes = {};
for (const name of names.split(',')) outcomes[name] = await outcomeOf(uses[name]);
outcomes.slabs = slabs;
// The accessors would prevent the creation of process.stdout.
writeSync(1, `${JSON.stringify(outcomes)}\n`);
