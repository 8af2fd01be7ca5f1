// What the encoder refuses, and that what was encoded before and after arrives all the same.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatchEncoder, carry, copyBatch, decode } from './support/codec.mjs';

/** Memory that was transferred away. */
function detached() {
  const buffer = new ArrayBuffer(8);
  const view = new Uint8Array(buffer);
  structuredClone(buffer, { transfer: [buffer] });
  return view;
}

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
};

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

test('deep nesting arrives, or is refused without a trace', () => {
  const encoder = new BatchEncoder();
  const nest = (depth) => {
    let item = [];
    for (let level = 0; level < depth; level++) item = level % 2 === 0 ? [item] : { item };
    return item;
  };
  for (const depth of [100, 256, 257, 1000]) {
    let [received] = carry([nest(depth)], encoder);
    for (let level = depth - 1; level >= 0; level--) {
      received = level % 2 === 0 ? received[0] : received.item;
    }
    assert.deepEqual(received, []);
  }
  assert.throws(() => encoder.encode(nest(1_000_000)));
  assert.deepEqual(carry([1], encoder), [1]);
});
