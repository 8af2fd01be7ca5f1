/** Requests that a handler in a worker answers with streams of chunks. */

import { compare } from './harness.mjs';
import { BRIDGES, HAND_WRITTEN, openBridge } from './support/bridges.mjs';
import { KINDS } from './support/items.mjs';
import { runModule } from './support/runtime.mjs';
import { compareThroughput } from './support/throughput.mjs';

async function sourceOf({ name, way, ours }) {
  const { caller } = await openBridge(way);
  return { name, ours, open: (count) => caller.getAsyncIterable({ count }) };
}

export default [
  async () =>
    compareThroughput({
      kind: KINDS.chunks,
      title: `${KINDS.chunks.title}, over a request bridge`,
      sources: await Promise.all(BRIDGES.map(sourceOf)),
      references: [HAND_WRITTEN],
    }),
  () =>
    compare({
      title: 'memory of a request whose consumer has stopped',
      figures: { growth: 'bytes' },
      contenders: BRIDGES.map(({ name, way, ours }) => ({
        name,
        ours,
        play: async () => ({
          growth: Number(runModule('stalled-bridge.mjs', [way], ['ignore', 'pipe', 'inherit'])),
        }),
      })),
      references: [HAND_WRITTEN],
      rounds: 3,
    }),
];
