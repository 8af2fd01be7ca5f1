import { range as countByRust } from '../../../index.mjs';

const NUMBERS = 1_000_000;

async function* countByGenerator(start, end) {
  for (let number = start; number < end; number++) yield number;
}

export async function range() {
  return {
    title: 'numbers',
    ways: [
      {
        way: 'async function*',
        async work() {
          let sum = 0;
          for await (const number of countByGenerator(0, NUMBERS)) sum += number;
          return { items: NUMBERS, sum };
        },
      },
      {
        way: 'range()',
        async work() {
          let sum = 0;
          for await (const number of countByRust(0, NUMBERS)) sum += number;
          return { items: NUMBERS, sum };
        },
      },
      {
        way: 'range().batches()',
        async work() {
          let sum = 0;
          for await (const numbers of countByRust(0, NUMBERS).batches()) {
            for (const number of numbers) sum += number;
          }
          return { items: NUMBERS, sum };
        },
      },
    ],
  };
}
