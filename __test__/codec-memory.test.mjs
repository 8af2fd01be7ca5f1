// How bytes are encoded, carried and decoded: as what they arrive, and where they are meanwhile.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatchEncoder, carry, copyBatch, decode, expectClones } from './support/codec.mjs';
import { TYPED_ARRAYS } from './support/structured-values.mjs';

const CHUNK_BYTES = 64 * 1024;
const WHOLE_BYTES = 32 * 1024;

for (const TypedArray of TYPED_ARRAYS) {
  test(`any part of a ${TypedArray.name} arrives as one`, () => {
    const size = TypedArray.BYTES_PER_ELEMENT;
    const { buffer } = Uint8Array.from({ length: 128 }, (_, index) => (index * 5) & 0x3f);
    const views = [new TypedArray(0), new TypedArray(buffer)];
    for (let start = 0; start < 4; start++) {
      for (const length of [0, 1, 3]) views.push(new TypedArray(buffer, start * size, length));
    }
    // A byte before each puts it out of step.
    expectClones(...views.flatMap((view) => [new Uint8Array(1), view, { view }]));
    expectClones(new TypedArray(WHOLE_BYTES / size).fill(new TypedArray(1)[0]));
  });
}

test('a DataView and an ArrayBuffer arrive as such, the latter with no memory of others', () => {
  const { buffer } = Uint8Array.from({ length: 100 }, (_, index) => index);
  expectClones(new DataView(buffer, 3, 10), new DataView(buffer, 100), buffer, { buffer });
  const [small, other, large] = carry([buffer, buffer, new ArrayBuffer(WHOLE_BYTES)]);
  assert.equal(small.byteLength, 100);
  assert.notEqual(small, other);
  assert.equal(large.byteLength, WHOLE_BYTES);
  new Uint8Array(small).fill(0);
  assert.equal(new Uint8Array(other)[99], 99);
});

test('a Buffer arrives as a Buffer wherever it is, a subclass of Uint8Array as Uint8Array', () => {
  class Bytes extends Uint8Array {}
  const bytes = () => Buffer.from('bytes');
  const [alone, nested, inMap, empty, large, other] = carry([
    bytes(),
    { bytes: bytes() },
    new Map([[1, bytes()]]),
    Buffer.alloc(0),
    Buffer.alloc(WHOLE_BYTES, 'x'),
    Bytes.of(1, 2),
  ]);
  for (const buffer of [alone, nested.bytes, inMap.get(1)]) {
    assert.ok(Buffer.isBuffer(buffer));
    assert.equal(buffer.toString(), 'bytes');
  }
  assert.ok(Buffer.isBuffer(empty) && empty.length === 0);
  assert.ok(Buffer.isBuffer(large) && large.equals(Buffer.alloc(WHOLE_BYTES, 'x')));
  assert.equal(Object.getPrototypeOf(other), Uint8Array.prototype);
});

test('an item is copied when it is encoded', () => {
  const encoder = new BatchEncoder();
  const item = { text: 'before', list: [1], bytes: Uint8Array.of(1), map: new Map() };
  const bytes = Buffer.alloc(6, 'before');
  encoder.encode(item);
  encoder.encode(bytes);
  encoder.encode(bytes.buffer);
  item.text = 'after';
  item.list.push(2);
  item.bytes[0] = 2;
  item.map.set(1, 2);
  bytes.write('after!');
  const [received, receivedBytes, receivedBuffer] = decode(copyBatch(encoder.take()));
  assert.deepEqual(received, {
    text: 'before',
    list: [1],
    bytes: Uint8Array.of(1),
    map: new Map(),
  });
  assert.equal(receivedBytes.toString(), 'before');
  assert.equal(Buffer.from(receivedBuffer).toString(), 'before');
});

test('small bytes share chunks of bounded size, large ones have their own', () => {
  const encoder = new BatchEncoder();
  const items = [];
  for (const length of [1, WHOLE_BYTES - 1, 7, WHOLE_BYTES - 1, WHOLE_BYTES, 3, 300_000, 2]) {
    items.push(new Uint8Array(length).fill(length));
  }
  for (const item of items) encoder.encode(item);
  const batch = encoder.take();
  assert.equal(batch.chunks.length, 4);
  assert.ok(batch.chunks[0].byteLength <= CHUNK_BYTES && batch.chunks[1].byteLength <= CHUNK_BYTES);
  assert.deepStrictEqual(decode(copyBatch(batch)), items);
});

test('large memory is referred to, until the batch is taken', () => {
  const encoder = new BatchEncoder();
  encoder.encode(new Uint8Array(WHOLE_BYTES - 1));
  assert.equal(encoder.mustTake, false);
  const large = new Uint16Array(WHOLE_BYTES / 2);
  encoder.encode({ large });
  assert.equal(encoder.mustTake, true);
  const { chunks } = encoder.take();
  assert.ok(chunks.some((chunk) => chunk.buffer === large.buffer));
  assert.equal(encoder.mustTake, false);
});

test('memory that threads share is copied when it is encoded, however large', () => {
  for (const length of [8, WHOLE_BYTES]) {
    const encoder = new BatchEncoder();
    const view = new Uint8Array(new SharedArrayBuffer(length));
    encoder.encode(view);
    assert.equal(encoder.mustTake, false);
    view[0] = 1;
    const [received] = decode(copyBatch(encoder.take()));
    assert.deepStrictEqual(received, new Uint8Array(length));
  }
});

test('a view arrives as what it is, whatever its class says', () => {
  const bytes = () => Uint8Array.of(1, 2, 3);
  class Liar extends Uint8Array {
    get byteLength() {
      return 2 ** 30;
    }
    get [Symbol.toStringTag]() {
      return 'Float64Array';
    }
  }
  const liars = [
    Object.setPrototypeOf(bytes(), null),
    Object.setPrototypeOf(bytes(), {}),
    Object.defineProperty(bytes(), Symbol.toStringTag, { value: 'Float64Array' }),
    Object.defineProperty(bytes(), 'byteLength', { value: -8 }),
    Liar.of(1, 2, 3),
  ];
  for (const view of liars) {
    const [alone, { nested }, inMap] = carry([view, { nested: view }, new Map([[1, view]])]);
    for (const received of [alone, nested, inMap.get(1)]) assert.deepStrictEqual(received, bytes());
  }
  const large = Object.setPrototypeOf(new Uint8Array(WHOLE_BYTES).fill(1), null);
  assert.deepStrictEqual(carry([large]), [new Uint8Array(WHOLE_BYTES).fill(1)]);
  const words = Object.setPrototypeOf(Uint16Array.of(1, 2), null);
  assert.deepStrictEqual(carry([words, new Set([words])]), [
    Uint16Array.of(1, 2),
    new Set([Uint16Array.of(1, 2)]),
  ]);
});
