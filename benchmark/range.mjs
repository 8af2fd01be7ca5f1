import { range } from '../index.mjs';
import { compare, count, countBatches } from './harness.mjs';

const ITEMS = 1e6;

/** The floor of `for await`: a hand-written iterator over an array. */
export function overArray(items) {
  let index = 0;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      if (index < items.length) return Promise.resolve({ value: items[index++], done: false });
      return Promise.resolve({ value: undefined, done: true });
    },
  };
}

async function* generate(items) {
  for (let item = 0; item < items; item++) yield item;
}

export default async function benchmarkRange() {
  const numbers = Array.from({ length: ITEMS }, (_, index) => index);
  return [
    await compare('for await over a million numbers', [
      { name: 'hand-written iterator over an array', run: () => count(overArray(numbers)) },
      { name: 'range()', run: () => count(range(0, ITEMS)) },
      { name: 'async generator', run: () => count(generate(ITEMS)) },
      { name: 'range().batches()', run: () => countBatches(range(0, ITEMS * 10).batches()) },
    ]),
  ];
}
