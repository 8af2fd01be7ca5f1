import { KINDS } from './support/items.mjs';
import { FLOOR, floor, ours, rustPeers, THREADSAFE_FUNCTION } from './support/sources.mjs';
import { compareThroughput } from './support/throughput.mjs';

export default [KINDS.strings16, KINDS.strings60].map(
  (kind) => () =>
    compareThroughput({
      kind,
      sources: [floor(kind), ...ours(kind), ...rustPeers(kind)],
      references: [FLOOR, THREADSAFE_FUNCTION],
    }),
);
