// Compares items that were encoded, carried as a batch and decoded with structuredClone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BatchEncoder, carry, clones, copyBatch, decode, expectClones } from '../support/codec.mjs';
import { structuredValue } from '../support/structured-values.mjs';

const RUNS = Number(process.env.CODEC_RUNS ?? 500);

test('whatever is encoded arrives as structuredClone makes it, in order', () => {
  const encoder = new BatchEncoder();
  fc.assert(
    fc.property(fc.array(structuredValue, { maxLength: 12 }), (items) => {
      assert.deepStrictEqual(carry(items, encoder), clones(items));
    }),
    { numRuns: RUNS },
  );
});

test('numbers, strings and other scalars arrive as they are', () => {
  expectClones(1, -0, Number.NaN, Number.POSITIVE_INFINITY, -1e300, 2 ** 31, -(2 ** 31));
  expectClones('', 'text', 'ü', '😀', '\ud83d', '\ude00', 'x'.repeat(100_000));
  expectClones(true, false, null, undefined);
  expectClones(0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n, -(2n ** 64n), 2n ** 2000n);
});

test('a NaN of any bits is NaN', () => {
  const bits = new BigUint64Array(1);
  const numbers = new Float64Array(bits.buffer);
  for (let kind = 1n; kind < 128n; kind++) {
    for (const half of [0x7ff80000n, 0xfff80000n, 0x7ff00000n]) {
      bits[0] = ((half + kind) << 32n) | 5n;
      expectClones(numbers[0], { value: numbers[0] });
    }
  }
});

test('strings that are too long for one string together are no part of one', () => {
  const encoder = new BatchEncoder();
  const long = 'x'.repeat(2 ** 28);
  encoder.encode('before');
  encoder.encode({ long, other: long, third: long });
  const { count, texts } = encoder.take();
  assert.equal(count, 2);
  assert.deepEqual(
    texts.slice(0, 4).map((text) => text.length),
    [6, 2 ** 28, 2 ** 28, 2 ** 28],
  );
});

test('a date that is none arrives as such', () => {
  const [received] = carry([new Date(Number.NaN)]);
  assert.ok(received instanceof Date);
  assert.ok(Number.isNaN(received.getTime()));
});

test('a DOMException arrives as one', () => {
  const [received] = carry([new DOMException('too late', 'TimeoutError')]);
  assert.ok(received instanceof DOMException);
  assert.deepEqual(
    [received.name, received.message, received.code],
    ['TimeoutError', 'too late', 23],
  );
});

test('errors of every class arrive with what the structured clone algorithm carries', () => {
  const cause = { list: [1] };
  for (const Class of [
    Error,
    EvalError,
    RangeError,
    ReferenceError,
    SyntaxError,
    TypeError,
    URIError,
  ]) {
    const error = Object.assign(new (class extends Class {})('what happened', { cause }), {
      extra: 1,
    });
    const [received] = carry([error]);
    assert.equal(Object.getPrototypeOf(received), Class.prototype);
    assert.deepEqual(received.cause, cause);
    assert.equal(received.stack, error.stack);
    assert.deepEqual(Object.keys(received), []);
  }
  const [received] = carry([new AggregateError([new Error('one')], 'all')]);
  assert.equal(Object.getPrototypeOf(received), Error.prototype);
  assert.equal(received.message, 'all');
});

test('objects whose keys differ slightly keep their own', () => {
  expectClones(
    { a: 1, b: 2 },
    { b: 2, a: 1 },
    { a: 1 },
    { a: 1, b: 2, c: 3 },
    {},
    { a: undefined },
    { a: { a: { b: 1 } }, b: {} },
    { 1: 'one', 0: 'zero', a: 'last' },
    { a: 1, b: 2 },
  );
  const received = carry([
    { a: 1, b: 2 },
    { b: 2, a: 1 },
  ]);
  assert.deepEqual(received.map(Object.keys), [
    ['a', 'b'],
    ['b', 'a'],
  ]);
});

test('keys are told once in a batch, however many objects have them', () => {
  const encoder = new BatchEncoder();
  for (let index = 0; index < 100; index++) encoder.encode({ unmistakable: index });
  assert.equal(encoder.take().texts.join().split('unmistakable').length, 2);
});

test('more shapes than are remembered arrive all the same', () => {
  const items = [];
  for (let index = 0; index < 10_000; index++) items.push({ [`key${index}`]: index, id: index });
  const encoder = new BatchEncoder();
  for (let round = 0; round < 2; round++) assert.deepEqual(carry(items, encoder), items);
});

test('a dictionary of very many keys arrives in their order', () => {
  for (const size of [64, 65, 5000]) {
    const item = Object.fromEntries(
      Array.from({ length: size }, (_, index) => [`k${index}`, index]),
    );
    const [received] = carry([item]);
    assert.deepEqual(Object.entries(received), Object.entries(item));
  }
});

test('only what is enumerable and called by a string is copied, and getters are read', () => {
  const item = Object.defineProperty({ [Symbol('hidden')]: 1, shown: 2 }, 'hidden', { value: 3 });
  let reads = 0;
  const withGetter = {
    get value() {
      return ++reads;
    },
    toJSON: 'nothing special',
  };
  assert.deepStrictEqual(carry([item, withGetter]), [
    { shown: 2 },
    { value: 1, toJSON: 'nothing special' },
  ]);
});

test('instances of classes and objects without a prototype arrive as plain objects', () => {
  class Point {
    #hidden = 0;
    x = 1;

    get y() {
      return this.#hidden;
    }
  }
  const inherited = Object.create({ from: 'prototype' }, { own: { value: 1, enumerable: true } });
  for (const item of [new Point(), Object.assign(Object.create(null), { x: 1 }), inherited]) {
    const [received] = carry([item]);
    assert.deepStrictEqual(received, structuredClone(item));
    assert.equal(Object.getPrototypeOf(received), Object.prototype);
  }
});

test('a key called __proto__ is one like any other', () => {
  const item = JSON.parse('{"__proto__": {"evil": true}, "good": true}');
  const [received, nested] = carry([item, [item]]);
  for (const object of [received, nested[0]]) {
    assert.equal(Object.getPrototypeOf(object), Object.prototype);
    assert.deepEqual(Object.keys(object), ['__proto__', 'good']);
    assert.equal(object.evil, undefined);
  }
});

test('what others add to Object.prototype does not get in', () => {
  const encoder = new BatchEncoder();
  const item = { own: 1, nested: { own: 2 } };
  encoder.encode(item);
  Object.defineProperty(Object.prototype, 'polluted', {
    value: 'yes',
    enumerable: true,
    configurable: true,
  });
  let setterCalls = 0;
  Object.defineProperty(Object.prototype, 'own', {
    set() {
      setterCalls++;
    },
    configurable: true,
  });
  let received;
  try {
    encoder.encode(item);
    received = decode(copyBatch(encoder.take()));
  } finally {
    delete Object.prototype.polluted;
    delete Object.prototype.own;
  }
  assert.equal(setterCalls, 0);
  assert.deepStrictEqual(received, [item, item]);
});

test('arrays arrive dense, sparse or with properties, as they were', () => {
  // biome-ignore lint/suspicious/noSparseArray: it is what the test is about
  expectClones([], [undefined], [1, , 3], new Array(3), [[[]]], [1, 'a', { b: [2] }]);
  expectClones(Object.assign([1, 2], { extra: 3 }), 'abc'.match(/(?<letter>b)/));
  class List extends Array {}
  expectClones(List.of(1, 2));
});

test('cycles and objects in two places keep their identity', () => {
  const shared = { bytes: new Uint8Array(4) };
  const cycle = { list: [] };
  cycle.self = cycle;
  cycle.list.push(cycle);
  const many = Array.from({ length: 100 }, (_, index) => ({ index }));
  const [first, second, third, plain] = carry([
    { a: shared, b: [shared] },
    cycle,
    [...many, many[0], many[99]],
    { a: 1 },
  ]);
  assert.equal(first.a, first.b[0]);
  assert.equal(second.self, second);
  assert.equal(second.list[0], second);
  assert.equal(third[100], third[0]);
  assert.equal(third[101], third[99]);
  assert.notEqual(third[0], third[1]);
  assert.deepEqual(plain, { a: 1 });
});

test('an object that is sent twice arrives as two', () => {
  const item = { a: [1] };
  const [first, second] = carry([item, item]);
  assert.deepEqual(first, second);
  assert.notEqual(first, second);
  assert.notEqual(first.a, second.a);
});

test('a batch of 100,000 items arrives, and the encoder can be used again', () => {
  const encoder = new BatchEncoder();
  const items = Array.from({ length: 100_000 }, (_, index) => {
    const kinds = [index, `${index}`, { id: index, odd: index % 2 === 1 }, Uint8Array.of(index)];
    return kinds[index % kinds.length];
  });
  for (let round = 0; round < 2; round++) {
    assert.deepStrictEqual(carry(items, encoder), items);
    assert.deepStrictEqual(carry(['small'], encoder), ['small']);
  }
});

test('count and bytes tell what a batch holds', () => {
  const encoder = new BatchEncoder();
  const weights = [undefined, '', 'x'.repeat(100), new Uint8Array(1000), { data: 'abc' }].map(
    (item) => encoder.encode(item),
  );
  assert.ok(weights.every((weight) => weight >= 1));
  assert.ok(weights[2] >= 100 && weights[3] >= 1000);
  assert.equal(encoder.count, 5);
  assert.equal(
    encoder.bytes,
    weights.reduce((sum, weight) => sum + weight),
  );
  const batch = encoder.take();
  assert.equal(batch.count, 5);
  assert.equal(encoder.count, 0);
  assert.equal(encoder.bytes, 0);
  assert.deepEqual(decode(copyBatch(encoder.take())), []);
});
