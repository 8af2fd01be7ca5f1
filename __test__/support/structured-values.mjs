// All kinds of values that the structured clone algorithm carries and this process can serialize.

import fc from 'fast-check';

const TYPED_ARRAYS = [
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  // Node 22 and older lack it.
  globalThis.Float16Array,
].filter((TypedArray) => TypedArray !== undefined);

/** Strings, also with each lone surrogate that `unit` may hold. */
const text = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('', '\ud83d', '\ude00', 'x'.repeat(5000)),
);

const bigint = fc.oneof(
  fc.bigInt(),
  fc.constantFrom(0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n, 2n ** 64n, -(2n ** 200n)),
);

const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(-0, Number.NaN, Number.NEGATIVE_INFINITY, 2 ** 53, 5e-324),
);

const scalar = fc.oneof(number, text, bigint, fc.constantFrom(undefined, null, true, false));

/** Memory of many sizes: around the limit between packed memory and memory in a chunk of its own. */
const memory = fc
  .tuple(
    fc.oneof(
      { weight: 20, arbitrary: fc.nat(200) },
      { weight: 1, arbitrary: fc.integer({ min: 32_000, max: 33_000 }) },
    ),
    fc.nat(255),
  )
  .map(([length, seed]) => Uint8Array.from({ length }, (_, index) => index * 7 + seed).buffer);

/** Views that begin and end anywhere in their memory. */
const view = fc
  .tuple(memory, fc.constantFrom(...TYPED_ARRAYS, DataView), fc.nat(9), fc.nat(9))
  .map(([buffer, View, before, after]) => {
    const size = View.BYTES_PER_ELEMENT ?? 1;
    const elements = Math.floor(buffer.byteLength / size);
    const start = Math.min(before, elements);
    return new View(buffer, start * size, Math.max(0, elements - start - after));
  });

/** Valid dates only: in older versions of node:assert an invalid date equals no other. */
const date = fc.date({ noInvalidDate: true });

/** Values that the encoder passes to the engine's own serializer. */
const exotic = fc.oneof(
  date,
  fc.constantFrom(/a+/giu, /^$/),
  fc.oneof(number, text, bigint, fc.boolean()).map(Object),
  fc.constantFrom(0, 1).map((length) => new Array(length + 1)),
);

const keys = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('a', 'b', 'c', 'id', 'data', '0', '17', '') },
  { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', 'toJSON') },
  { weight: 1, arbitrary: text },
);

class Instance {
  #hidden = 1;

  constructor(fields) {
    Object.assign(this, fields);
  }

  get hidden() {
    return this.#hidden;
  }
}

export const { structuredValue } = fc.letrec((tie) => {
  const object = fc.dictionary(keys, tie('structuredValue'), { maxKeys: 5, noNullPrototype: true });
  const array = fc.array(tie('structuredValue'), { maxLength: 5 });
  return {
    structuredValue: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 6, arbitrary: scalar },
      { weight: 3, arbitrary: view },
      { weight: 1, arbitrary: memory },
      { weight: 1, arbitrary: exotic },
      { weight: 5, arbitrary: object },
      { weight: 3, arbitrary: array },
      {
        weight: 1,
        arbitrary: fc.oneof(
          object.map((fields) => Object.assign(Object.create(null), fields)),
          object.map((fields) => new Instance(fields)),
          object.map((fields) => new Map(Object.entries(fields))),
          array.map((elements) => new Set(elements)),
          fc.tuple(array, tie('structuredValue')).map(([elements, value]) => {
            const sparse = [...elements];
            sparse[elements.length + 2] = value;
            sparse.extra = value;
            return sparse;
          }),
          tie('structuredValue').map((value) => ({ value, again: [value] })),
        ),
      },
    ),
  };
});

export { TYPED_ARRAYS };
