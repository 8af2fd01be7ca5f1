/** The memory of one idle stream when there are ten thousand. */

import { compare } from './harness.mjs';
import { MEMORY } from './support/idle-memory-names.mjs';
import { runModule } from './support/runtime.mjs';

const OURS = [MEMORY.unread, MEMORY.awaited];

export default [
  () =>
    compare({
      title: 'memory of an idle stream',
      figures: { memory: 'bytes' },
      contenders: Object.values(MEMORY).map((name) => ({
        name,
        ours: OURS.includes(name),
        play: async () => ({
          memory: Number(runModule('idle-memory.mjs', [name], ['ignore', 'pipe', 'inherit'])),
        }),
      })),
      references: [MEMORY.threadsafeFunction],
      rounds: 5,
    }),
];
