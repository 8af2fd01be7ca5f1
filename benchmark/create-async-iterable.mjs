/** `createAsyncIterable` beside the pattern that programs write by hand, in each rhythm of producer and consumer. */

import { createAsyncIterable } from '../index.mjs';
import { compare } from './harness.mjs';
import { handWrittenQueue } from './peers/hand-written-queue.mjs';
import { ownRhythms } from './support/rhythms.mjs';
import { timed } from './support/timed.mjs';

const HAND_WRITTEN = 'a queue written by hand';
const ITEMS = 100_000;
const ROUNDS = 31;

const RHYTHMS = [
  { title: '1,000 items pushed ahead', rhythm: 'ahead', items: 1000 },
  { title: '100,000 items pushed ahead', rhythm: 'ahead', items: 100_000 },
  { title: 'one push each tick', rhythm: 'oneEachTick', items: ITEMS },
  { title: 'one push each turn of the consumer', rhythm: 'oneEachTurn', items: ITEMS },
  { title: 'one push for a consumer that waits', rhythm: 'oneForEachWait', items: ITEMS },
];

async function contender(name, open, { rhythm, items }) {
  const { [rhythm]: play } = await ownRhythms();
  const streams = ITEMS / items;
  return {
    name,
    play: timed(async () => {
      let received = 0;
      for (let stream = 0; stream < streams; stream++) received += await play(open(), items);
      if (received !== ITEMS) throw new Error(`${name}: ${received} items instead of ${ITEMS}`);
      return received;
    }),
  };
}

export default RHYTHMS.map((rhythm) => async () => {
  const ours = await contender('createAsyncIterable', createAsyncIterable, rhythm);
  const theirs = await contender(HAND_WRITTEN, handWrittenQueue, rhythm);
  return compare({
    title: `${rhythm.title}, within JavaScript`,
    figures: { time: 'ns per item' },
    contenders: [theirs, { ...ours, ours: true }],
    references: [HAND_WRITTEN],
    rounds: ROUNDS,
    warmsUp: true,
  });
});
