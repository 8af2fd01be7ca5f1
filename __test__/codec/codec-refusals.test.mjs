// The encoder refuses items that cannot be cloned; the items before and after them still arrive.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatchEncoder, carry, copyBatch, decode } from '../support/codec.mjs';

/** Returns memory that was transferred away. */
function detached() {
  const buffer = new ArrayBuffer(8);
  const view = new Uint8Array(buffer);
  structuredClone(buffer, { transfer: [buffer] });
  return view;
}

/** Returns views of memory that has shrunk: all or some of their own part of it is gone. */
function outOfBounds(View) {
  const buffer = new ArrayBuffer(32, { maxByteLength: 64 });
  const view = new View(buffer, 16, 1);
  buffer.resize(8);
  return view;
}

const module = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));

/** The most nested objects, including the outermost one. */
const DEEPEST = 1024;

/** Functions that put one object around another, one for each kind. */
const AROUND = {
  object: (inner) => ({ inner }),
  array: (inner) => [inner],
  'sparse array': (inner) => Object.assign(new Array(2), { 1: inner }),
  'property of an array': (inner) => Object.assign([1], { inner }),
  'value of a Map': (inner) => new Map([[1, inner]]),
  'key of a Map': (inner) => new Map([[inner, 1]]),
  Set: (inner) => new Set([inner]),
  'cause of an Error': (cause) => new Error('outer', { cause }),
  'instance of a class': (inner) => Object.assign(new (class {})(), { inner }),
  dictionary: (inner) => Object.assign(Object.create(null), { inner }),
};

function nest(around, levels, innermost = 'innermost') {
  let item = innermost;
  for (let level = 0; level < levels; level++) item = around(item);
  return item;
}

/** Returns an object whose getter makes a new nested object at each access. */
const endless = () => ({
  get inner() {
    return endless();
  },
});

const functions = { function: () => {}, class: class {} };
const uncloneable = {
  ...functions,
  symbol: Symbol('mine'),
  promise: Promise.resolve(),
  WeakMap: new WeakMap(),
  WeakSet: new WeakSet(),
  SharedArrayBuffer: new SharedArrayBuffer(8),
  generator: (function* () {})(),
  'proxy of an object': new Proxy({}, {}),
  'proxy of an array': new Proxy([], {}),
  'proxy of bytes': new Proxy(new Uint8Array(1), {}),
  'detached view': detached(),
  'detached ArrayBuffer': detached().buffer,
  'detached DataView': (() => {
    const view = new DataView(new ArrayBuffer(8));
    structuredClone(view.buffer, { transfer: [view.buffer] });
    return view;
  })(),
  'view out of bounds': outOfBounds(Uint8Array),
  'BigInt64Array out of bounds': outOfBounds(BigInt64Array),
  'DataView out of bounds': outOfBounds(DataView),
  'Set of a view out of bounds': new Set([outOfBounds(Float64Array)]),
  'WebAssembly.Module': module,
  'error whose cause is a WebAssembly.Module': new Error('outer', { cause: module }),
  'endless object': endless(),
};

for (const [name, around] of Object.entries(AROUND)) {
  uncloneable[`${name}, nested too deep`] = nest(around, DEEPEST + 1);
  uncloneable[`${name}, around a WebAssembly.Module`] = around(module);
}

for (const [name, value] of Object.entries(uncloneable)) {
  test(`what cannot be cloned (${name}) is refused, and leaves no trace`, () => {
    const encoder = new BatchEncoder();
    const before = { a: 1, bytes: new Uint8Array(40_000).fill(1), small: Uint8Array.of(1, 2) };
    encoder.encode(before);
    encoder.take();
    encoder.encode({ a: 'first' });
    const { bytes } = encoder;
    const strange = { text: 'x', large: new Uint8Array(40_000), small: new Uint8Array(30_000) };
    for (const item of [value, [value], { ...strange, a: { strange: [1n, value] } }]) {
      assert.throws(() => encoder.encode(item), { name: 'DataCloneError' });
      assert.equal(encoder.count, 1);
      assert.equal(encoder.bytes, bytes);
      assert.equal(encoder.mustTake, false);
    }
    encoder.encode({ strange: [] });
    encoder.encode(before);
    const batch = encoder.take();
    assert.equal(batch.count, 3);
    assert.deepStrictEqual(decode(copyBatch(batch)), [{ a: 'first' }, { strange: [] }, before]);
  });
}

test('what a getter throws is thrown, and leaves no trace', () => {
  const encoder = new BatchEncoder();
  const reason = { not: 'an error' };
  const item = {
    before: ['text', { deep: [1, 2] }],
    get broken() {
      throw reason;
    },
  };
  encoder.encode(1);
  for (const broken of [item, [[item]]]) {
    assert.throws(
      () => encoder.encode(broken),
      (thrown) => thrown === reason,
    );
  }
  encoder.encode({ before: 2 });
  assert.deepStrictEqual(decode(copyBatch(encoder.take())), [1, { before: 2 }]);
});

test('a getter cannot put another item into its own', () => {
  const encoder = new BatchEncoder();
  const names = [];
  encoder.encode({
    get value() {
      for (const call of [() => encoder.encode(1), () => encoder.take()]) {
        try {
          call();
        } catch (error) {
          names.push(error.name);
        }
      }
      return 2;
    },
  });
  assert.deepEqual(names, ['InvalidStateError', 'InvalidStateError']);
  assert.deepStrictEqual(decode(copyBatch(encoder.take())), [{ value: 2 }]);
});

for (const [name, around] of Object.entries(AROUND)) {
  test(`an item that is as deep as may be (${name}) arrives`, () => {
    const [received] = carry([nest(around, DEEPEST)]);
    assert.equal(typeof received, 'object');
  });
}

test('deep nesting arrives, or is refused without a trace', () => {
  const encoder = new BatchEncoder();
  const nestMixed = (depth) => {
    let item = [];
    for (let level = 0; level < depth; level++) item = level % 2 === 0 ? [item] : { item };
    return item;
  };
  for (const depth of [100, 256, 257, 1000]) {
    let [received] = carry([nestMixed(depth)], encoder);
    for (let level = depth - 1; level >= 0; level--) {
      received = level % 2 === 0 ? received[0] : received.item;
    }
    assert.deepEqual(received, []);
  }
  assert.throws(() => encoder.encode(nestMixed(1_000_000)), { name: 'DataCloneError' });
  assert.deepEqual(carry([1], encoder), [1]);
});

test('an object that is there twice is as deep as where it comes first', () => {
  const shared = nest(AROUND.Set, DEEPEST / 2);
  const deep = nest(AROUND.array, DEEPEST / 2, shared);
  const [received] = carry([[shared, deep]]);
  assert.ok(received[0] instanceof Set);
  assert.throws(() => carry([[deep, shared]]), { name: 'DataCloneError' });
});

test('an error among its own causes arrives as such', () => {
  const direct = new Error('direct');
  direct.cause = direct;
  const indirect = new Error('indirect');
  indirect.cause = { list: [new Map([[1, indirect]])] };
  const [receivedDirect, receivedIndirect] = carry([direct, indirect]);
  assert.equal(receivedDirect.cause, receivedDirect);
  assert.equal(receivedIndirect.cause.list[0].get(1), receivedIndirect);
});

test('errors with a common cause arrive', () => {
  const cause = new RangeError('common');
  const errors = [new Error('one', { cause }), new Error('other', { cause })];
  const [received] = carry([errors]);
  assert.deepEqual(
    received.map(({ message }) => message),
    ['one', 'other'],
  );
});
