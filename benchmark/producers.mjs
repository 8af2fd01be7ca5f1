/** Several threads that send to one stream, one item at a time. */

import { addon } from './support/addon.mjs';
import { KINDS } from './support/items.mjs';
import { FLOOR, floor } from './support/sources.mjs';
import { compareThroughput } from './support/throughput.mjs';

const kind = KINDS.numbers;

const from = (threads) => ({
  name: threads === 1 ? '1 producer thread' : `${threads} producer threads`,
  ours: true,
  unordered: threads > 1,
  open: (items) => addon.oursFromThreads(items, threads),
});

const one = from(1);

export default [
  () =>
    compareThroughput({
      kind,
      title: 'numbers from several threads',
      sources: [floor(kind), one, from(2), from(8)],
      references: [FLOOR, one.name],
    }),
];
