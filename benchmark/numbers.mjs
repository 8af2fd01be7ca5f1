import { KINDS } from './support/items.mjs';
import {
  ASYNC_GENERATOR,
  FLOOR,
  floor,
  ours,
  rustPeers,
  THREADSAFE_FUNCTION,
} from './support/sources.mjs';
import { compareThroughput } from './support/throughput.mjs';

const kind = KINDS.numbers;

export default [
  () =>
    compareThroughput({
      kind,
      sources: [floor(kind), ...ours(kind, { capacities: [64] }), ...rustPeers(kind)],
      references: [FLOOR, ASYNC_GENERATOR, THREADSAFE_FUNCTION],
    }),
];
