// The values that JavaScript gets for every type of item.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addon } from '../support/addon.mjs';
import { expectNoHandles } from '../support/handles.mjs';
import { until } from '../support/scripted-streams.mjs';

expectNoHandles();

async function collect(stream) {
  const items = [];
  for await (const item of stream) items.push(item);
  return items;
}

async function collectUntilFailure(stream) {
  const items = [];
  try {
    for await (const item of stream) items.push(item);
  } catch ({ message, code }) {
    const { pushed, delivered, dropped, state } = stream.stats;
    assert.deepEqual(
      { delivered, dropped, state },
      {
        delivered: items.length,
        dropped: pushed - items.length,
        state: 'failed',
      },
    );
    return { items, message, code };
  }
  return { items };
}

const nowhere = { street: '', coordinates: null };
const somewhere = { street: 'Hauptstraße 1', coordinates: [52.5, -0.25] };

const ENTRIES = [
  { type: 'plain_file', path: '/tmp/1', size: 1, columns: ['a'] },
  { type: 'link', TO: { street: 'x', coordinates: null }, NEXT_HOP: 3 },
  { type: 'nothing' },
  { type: 'raw', match: 1, utf8Len: 2 },
  { type: 'plain_file', path: `/tmp/${2 ** 53}`, size: 2 ** 53, columns: ['a', 'a'] },
];

const various = (byName) => ({
  'shared-by-arc': { street: 'shared', coordinates: [1, 2] },
  'three-numbers': Float64Array.of(1, 2.5, -3),
  'a-hash': Buffer.of(1, 2, 3, 4),
  'pairs-of': [
    [1, true],
    [2, false],
  ],
  took: 1500,
  sizes: Float64Array.of(-1, 2 ** 40),
  'size?': null,
  'by-name': byName,
});

const EXPECTED = {
  I8: [-128, 0, 127],
  U8: [0, 255],
  I16: [-32768, 32767],
  U16: [0, 65535],
  I32: [-(2 ** 31), -1, 2 ** 31 - 1],
  U32: [0, 2 ** 32 - 1],
  I64: [-(2n ** 63n), -1n, 0n, 2n ** 63n - 1n],
  U64: [0n, 2n ** 63n, 2n ** 64n - 1n, 0x7ff0000000000001n],
  Isize: [-1n, 1n],
  Usize: [0n, 1n],
  I128: [-(2n ** 127n), -1n, 0n, 2n ** 127n - 1n],
  U128: [0n, 2n ** 64n, 2n ** 128n - 1n],
  F32: [0.5, 3.4028234663852886e38, Number.NaN],
  F64: [0.1, -0, Number.MAX_VALUE, Number.NaN, Number.POSITIVE_INFINITY],
  Bool: [true, false],
  Char: ['a', 'ß', '中', '🚀', '\0'],
  String: ['', 'plain', 'grün 中 🚀'],
  Str: ['static'],
  BoxStr: ['boxed'],
  ArcStr: ['shared'],
  Cow: ['borrowed', 'owned'],
  Buffer: [[], [1, 2, 3], Array(100_000).fill(7), [255]].map((bytes) => Buffer.from(bytes)),
  Bytes: [Buffer.from('static'), Buffer.from([0])],
  Option: [null, 'some', ''],
  NestedOption: [null, null, 1],
  Unit: [undefined, undefined],
  Tuple: [[1, 'one', null, [0.5]]],
  I8Array: [new Int8Array(), Int8Array.of(-1, 1)],
  I16Array: [Int16Array.of(-1), Int16Array.of(1, 2)],
  U16Array: [Uint16Array.of(65535)],
  I32Array: [Int32Array.of(-(2 ** 31))],
  U32Array: [Uint32Array.of(2 ** 32 - 1, 1)],
  I64Array: [BigInt64Array.of(-(2n ** 63n), 1n)],
  U64Array: [BigUint64Array.of(2n ** 64n - 1n)],
  F32Array: [Float32Array.of(0.5), new Float32Array(), Float32Array.of(1.5, 2.5)],
  F64Array: [Float64Array.of(0.1, Number.NaN), new Float64Array()],
  MixedArrays: [
    [Buffer.of(1), Float64Array.of(2.5), Uint16Array.of(3), BigInt64Array.of(4n)],
    [
      Buffer.of(1, 1, 1),
      Float64Array.of(0.5, 0.5),
      Uint16Array.of(9, 9, 9, 9, 9),
      BigInt64Array.of(-4n),
    ],
  ],
  LargeArray: [Float64Array.from(Array(100_000).keys())],
  Strings: [[], ['a', 'b']],
  ManyStrings: [['a'], Array.from(Array(20_000).keys(), String), ['z']],
  Bools: [[true, false]],
  Nested: [[[null, Buffer.of(1)], []]],
  Date: [new Date(0), new Date(2)],
  Json: [null, JSON.parse('{ "a": [1, "zwei", { "__proto__": 3 }], "ü": 0.5 }'), '\u2028'],
  Person: [
    {
      id: 2 ** 32 - 1,
      fullName: 'Ada 👩‍🚀',
      ANSWER: 42.5,
      type: 'plainUser',
      address: somewhere,
      tags: ['a', '中文'],
      samples: Float32Array.of(0.5, -1),
      picture: Buffer.of(1, 2, 3),
      friends: [nowhere, somewhere],
      balance: -(2n ** 63n),
      seen: new Date(1_700_000_000_123),
    },
    {
      id: 0,
      fullName: '',
      ANSWER: null,
      type: 'the administrator',
      address: nowhere,
      tags: [],
      samples: new Float32Array(),
      picture: Buffer.alloc(0),
      friends: [],
      balance: -1n,
      seen: new Date(-1),
    },
  ],
  Kind: ['plainUser', 'the administrator', 'plainUser'],
  Entry: ENTRIES,
  Tagged: [{ kind: 'first one' }, { kind: 'second' }],
  Various: [
    various({ n0: null }),
    various({
      n0: ENTRIES[0],
      n1: ENTRIES[1],
      n2: ENTRIES[2],
      n3: ENTRIES[3],
      n4: ENTRIES[4],
      n5: null,
    }),
  ],
  Map: [JSON.parse('{ "__proto__": 2, "a": 5, "b": 4, "polluted": 3, "toString": 1 }'), {}],
  HashMap: [{ ü: Buffer.of(1, 2) }],
  Boxes: [null, 0.5],
  Hashes: [Buffer.of(1, 2, 3), Buffer.of(4, 5, 6)],
  Duration: [0, 1.5, 86_400_000],
  Path: ['/tmp/ü', ''],
  Napi: [[[1, 'one']], []],
  OptionalNapi: [null, true, null, false],
};

describe('items', () => {
  for (const [name, expected] of Object.entries(EXPECTED)) {
    it(`of the type ${name} arrive as they were sent`, async () => {
      const items = await collect(addon[`items${name}`]());
      // Twice, because code that is not optimized yet makes the first batch.
      assert.deepEqual(items, expected);
      assert.deepEqual(await collect(addon[`items${name}`]()), expected);
    });
  }

  it('are told apart by the sign of their zero', async () => {
    const [, zero] = await collect(addon.itemsF64());
    assert.ok(Object.is(zero, -0));
  });
});

describe('a row', () => {
  it('is a plain object with its properties in order, and all rows have one hidden class', async () => {
    const people = await collect(addon.itemsPerson());
    for (const person of people) {
      assert.equal(Object.getPrototypeOf(person), Object.prototype);
      assert.deepEqual(Object.keys(person), Object.keys(EXPECTED.Person[0]));
    }
  });

  it('may have properties of any name', async () => {
    const [row] = await collect(addon.itemsGeneric());
    assert.equal(Object.getPrototypeOf(row), Object.prototype);
    assert.deepEqual(Object.entries(row), [
      ['value', 'generic'],
      ['__proto__', 7],
      ['it\'s "odd"\n🚀', true],
    ]);
  });
});

describe('a map', () => {
  it('is a plain object with own properties, in the order of the map', async () => {
    const reached = [];
    Object.defineProperty(Object.prototype, 'polluted', {
      set: (value) => reached.push(value),
      configurable: true,
    });
    let maps;
    try {
      maps = await collect(addon.itemsMap());
    } finally {
      delete Object.prototype.polluted;
    }
    assert.deepEqual(reached, []);
    assert.equal(Object.getPrototypeOf(maps[0]), Object.prototype);
    assert.deepEqual(Object.entries(maps[0]), [
      ['__proto__', 2],
      ['a', 5],
      ['b', 4],
      ['polluted', 3],
      ['toString', 1],
    ]);
  });
});

describe('bytes', () => {
  it('arrive as Buffers of their own length, whatever shares their memory', async () => {
    const lengths = [0, 1, 31, 1024, 16_383, 16_384, 65_535, 65_536, 65_537, 1_000_000, 3, 0, 7];
    const many = Array.from({ length: 40 }, () => lengths).flat();
    const buffers = await collect(addon.buffers(many));
    assert.equal(buffers.length, many.length);
    for (const [index, buffer] of buffers.entries()) {
      assert.ok(Buffer.isBuffer(buffer));
      assert.equal(Object.getPrototypeOf(buffer), Buffer.prototype);
      assert.equal(buffer.length, many[index]);
      assert.ok(buffer.every((byte) => byte === index % 256));
    }
  });

  it('that are small keep no more than 64 KiB alive, and large ones nothing but themselves', async () => {
    for (const buffer of await collect(addon.buffers(Array(1000).fill(500)))) {
      assert.ok(buffer.buffer.byteLength <= 65_536);
    }
    const [large] = await collect(addon.buffers([1_000_000]));
    assert.equal(large.buffer.byteLength, 1_000_000);
  });

  it('beside a large text keep at most twice their own length alive', async () => {
    const [[text, buffer]] = await collect(addon.textAndBuffers([500_000], [100]));
    assert.equal(text.length, 500_000);
    assert.ok(buffer.buffer.byteLength <= 65_536, `${buffer.buffer.byteLength} bytes stay`);
  });

  it('do not change any more once they have arrived', async () => {
    const kept = await collect(addon.buffers(Array(3000).fill(100)));
    for (const [index, buffer] of kept.entries()) {
      assert.ok(
        buffer.every((byte) => byte === index % 256),
        `buffer ${index}`,
      );
    }
  });

  it('of one item can be changed without changing those of another', async () => {
    const [a, b] = await collect(addon.buffers([10, 10]));
    a.fill(99);
    assert.ok(b.every((byte) => byte === 1));
  });

  it('that share memory cannot be taken away by transferring one of them', async () => {
    const pairs = [
      await collect(addon.buffers([10, 10])),
      // A batch for which a piece is too small.
      (await collect(addon.textAndBuffers([10_000, 1], [9000, 100]))).map(([, buffer]) => buffer),
    ];
    for (const [a, b] of pairs) {
      const { length } = b;
      try {
        structuredClone(a, { transfer: [a.buffer] });
      } catch {
        assert.equal(b.length, length);
        assert.ok(a.length > 0);
      }
    }
    // If a runtime could transfer it, the next batch has other memory.
    const [c] = await collect(addon.buffers([10]));
    assert.ok(c.every((byte) => byte === 0) && c.length === 10);
  });

  it('that have memory of their own can be transferred', async () => {
    const [large] = await collect(addon.buffers([1_000_000]));
    assert.equal(structuredClone(large, { transfer: [large.buffer] }).length, 1_000_000);
  });
});

describe('a value that napi-rs cannot convert', () => {
  it('fails the stream after the items before it', async () => {
    assert.deepEqual(await collectUntilFailure(addon.itemsFailingNapi()), {
      items: [1, 2],
      message: '-3 is negative',
      code: 'GenericFailure',
    });
    assert.deepEqual(await collectUntilFailure(addon.itemsFailingFirst()), {
      items: [],
      message: '-3 is negative',
      code: 'GenericFailure',
    });
    assert.deepEqual(await collectUntilFailure(addon.itemsFailingRow()), {
      items: [
        { id: 10, value: 1 },
        { id: 10, value: 2 },
      ],
      message: '-3 is negative',
      code: 'GenericFailure',
    });
  });
});

describe('items of Rust', () => {
  it('are dropped while their stream is idle', async () => {
    const items = 5000;
    const stream = addon.countedThenIdle(items);
    for (let index = 0; index < items; index++) {
      assert.deepEqual(await stream.next(), { value: index, done: false });
    }
    const pending = stream.next();
    await until(() => addon.countedItems() === 0, 'the items are dropped');
    await stream.return();
    assert.deepEqual(await pending, { value: undefined, done: true });
  });
});

describe('a batch of items', () => {
  it('is read with its head, whether its items were sent alone or together', async () => {
    const expected = Array.from({ length: 1000 }, (_, index) => index);
    assert.deepEqual(await collect(addon.headed(1000)), expected);
  });

  for (const together of [false, true]) {
    const sent = together ? 'together' : 'one by one';
    it(`is read from the first item that was not dropped, of rows sent ${sent}`, async () => {
      for (const [items, capacity] of [
        [5, 3],
        [1000, 7],
        [20_000, 999],
      ]) {
        const stream = addon.latestRows(items, capacity, together);
        const expected = Array.from({ length: capacity }, (_, index) => {
          const number = items - capacity + index;
          return [number, `ü${number}`, new Float32Array(number % 3).fill(number), number];
        });
        assert.deepEqual(await collect(stream), expected);
        assert.equal(stream.stats.dropped, items - capacity);
      }
    });
  }
});
