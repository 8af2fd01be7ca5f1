// Bytes in items: the views and buffers that arrive, and the chunks in which they cross.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatchEncoder, carry, clones, copyBatch, decode, expectClones } from '../support/codec.mjs';
import { TYPED_ARRAYS } from '../support/structured-values.mjs';

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
    // A byte before each view puts it out of alignment.
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

test('large bytes that share a buffer arrive as they were, whatever came before them', () => {
  const whole = Uint8Array.from({ length: 40_000 }, (_, index) => (index % 251) + 1);
  const encoder = new BatchEncoder();
  for (let round = 0; round < 3; round++) {
    const items = [
      new Uint8Array(100),
      new Uint8Array(100),
      { whole, part: whole.subarray(0, 10) },
    ];
    assert.deepStrictEqual(carry(items, encoder), clones(items));
  }
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

test('memory that threads share is refused, itself or in a view', () => {
  const encoder = new BatchEncoder();
  const shared = new SharedArrayBuffer(64, { maxByteLength: 128 });
  for (const item of [
    shared,
    new Uint8Array(shared),
    new DataView(shared),
    { deep: [new Int32Array(shared)] },
  ]) {
    assert.throws(() => encoder.encode(item), {
      name: 'DataCloneError',
      message: '#<SharedArrayBuffer> could not be cloned.',
    });
  }
  assert.equal(encoder.count, 0);
});

test('views of one buffer and the buffer itself belong together again', () => {
  const buffer = new ArrayBuffer(64);
  const item = {
    bytes: new Uint8Array(buffer, 8, 16),
    words: new Uint16Array(buffer),
    doubles: new Float64Array(buffer, 16, 1),
    view: new DataView(buffer, 9, 3),
    whole: buffer,
    other: new Uint8Array(64),
  };
  const [before, { bytes, words, doubles, view, whole, other }, after] = carry([1, item, 'after']);
  for (const each of [bytes, words, doubles, view]) assert.equal(each.buffer, whole);
  assert.notEqual(other.buffer, whole);
  bytes[8] = 7;
  assert.equal(words[8], 7);
  assert.equal(bytes.byteOffset, 8);
  assert.deepEqual([before, after], [1, 'after']);
});

test('views of one buffer bring the part that they span, and no more', () => {
  const { buffer } = new Uint8Array(1_000_000).fill(1);
  const views = {
    first: new Uint8Array(buffer, 500_003, 5),
    second: new Int32Array(buffer, 500_008, 2),
  };
  const encoder = new BatchEncoder();
  assert.ok(encoder.encode(views) < 200);
  const [{ first, second }] = decode(copyBatch(encoder.take()));
  assert.equal(first.buffer, second.buffer);
  assert.ok(first.buffer.byteLength < 32);
  assert.deepStrictEqual(
    [first, second],
    [new Uint8Array(5).fill(1), Int32Array.of(0x1010101, 0x1010101)],
  );
});

test('Buffers that overlap belong together, those that only share a pool do not', () => {
  const text = Buffer.from('hello world');
  const [{ whole, word }] = carry([{ whole: text, word: text.subarray(0, 5) }]);
  word.write('HELLO');
  assert.equal(whole.toString(), 'HELLO world');
  const encoder = new BatchEncoder();
  assert.ok(encoder.encode([Buffer.from('one'), Buffer.from('two')]) < 100);
});

test('what belongs together is as it was when each part was read', () => {
  const buffer = new ArrayBuffer(16);
  const bytes = new Uint8Array(buffer);
  const item = {
    first: new Uint8Array(buffer, 0, 8),
    get second() {
      bytes.fill(9);
      return new Uint8Array(buffer, 4, 12);
    },
  };
  const [{ first, second }] = carry([item]);
  assert.deepEqual([...first], [0, 0, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual([...second], [0, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9]);
});

test('a getter does not change large bytes that were read before', () => {
  for (const length of [WHOLE_BYTES - 1, WHOLE_BYTES, 3 * WHOLE_BYTES]) {
    const bytes = new Uint8Array(length).fill(1);
    const transferring = {
      bytes,
      get n() {
        structuredClone(bytes, { transfer: [bytes.buffer] });
        return 1;
      },
    };
    assert.deepStrictEqual(carry([transferring]), [
      { bytes: new Uint8Array(length).fill(1), n: 1 },
    ]);
    const other = new Uint8Array(length).fill(1);
    const error = Object.defineProperty(new Error('late'), 'stack', {
      get: () => String(other.fill(2)[0]),
    });
    const [[received]] = carry([[other, error]]);
    assert.equal(received[0], 1);
  }
});

test('a buffer that can be resized arrives as one, and views that track its length do so again', () => {
  const make = () => new ArrayBuffer(24, { maxByteLength: 64 });
  for (const View of [Uint8Array, Float64Array, DataView]) {
    const buffer = make();
    const item = {
      tracking: new View(buffer, 8),
      fixed: new View(buffer, 8, 1),
      atEnd: new View(buffer, 24),
    };
    const [{ tracking, fixed, atEnd }] = carry([item]);
    assert.equal(tracking.buffer, fixed.buffer);
    assert.ok(tracking.buffer.resizable);
    assert.equal(tracking.buffer.maxByteLength, 64);
    assert.deepEqual([tracking.byteLength, atEnd.byteLength], [16, 0]);
    tracking.buffer.resize(64);
    assert.deepEqual([tracking.byteLength, atEnd.byteLength], [56, 40]);
    assert.equal(fixed.byteLength, View.BYTES_PER_ELEMENT ?? 1);
  }
  const [alone] = carry([make()]);
  assert.deepEqual([alone.resizable, alone.byteLength, alone.maxByteLength], [true, 24, 64]);
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
    Object.setPrototypeOf(bytes(), Uint16Array.prototype),
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

test('a string that is kept does not keep the batch that it came in', () => {
  const encoder = new BatchEncoder();
  for (let index = 0; index < 100; index++) {
    encoder.encode({ name: `a name of many letters ${index}`, content: 'x'.repeat(20_000) });
  }
  encoder.encode({ name: 'last', content: 'y'.repeat(5_000_000) });
  const { texts } = encoder.take();
  const LONGEST = 32 * 1024;
  assert.deepEqual(
    texts.filter((text) => text.length > LONGEST).map((text) => text.length),
    [5_000_000],
  );
});
