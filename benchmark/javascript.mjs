/** The ways within one thread, whose items are already in memory. */

import { KINDS } from './support/items.mjs';
import { FLOOR, floor, javascriptSources } from './support/sources.mjs';
import { compareThroughput } from './support/throughput.mjs';

export default [KINDS.numbers, KINDS.bytes32].map(
  (kind) => () =>
    compareThroughput({
      kind,
      title: `${kind.title}, within JavaScript`,
      sources: [floor(kind), ...javascriptSources(kind)],
      references: [FLOOR],
    }),
);
