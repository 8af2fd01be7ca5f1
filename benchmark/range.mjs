import { range } from '../index.mjs';
import { asyncGenerator } from './peers/async-generator.mjs';
import { arrayOf, KINDS } from './support/items.mjs';
import { FLOOR, floor } from './support/sources.mjs';
import { compareThroughput } from './support/throughput.mjs';

const kind = KINDS.numbers;

export default [
  () => {
    const items = arrayOf(kind);
    return compareThroughput({
      kind,
      title: 'numbers of range()',
      sources: [
        floor(kind),
        { name: 'range()', ours: true, open: (count) => range(0, count) },
        {
          name: 'range().batches()',
          ours: true,
          batches: true,
          open: (count) => range(0, count).batches(),
        },
        { name: 'async generator', open: (count) => asyncGenerator(items, count) },
      ],
      references: [FLOOR],
    });
  },
];
