/**
 * The delay of a timer of a millisecond while numbers are consumed at full speed. If `for await` never
 * yields to the event loop, the timer runs only when all is over.
 */

import { compare, quantile } from './harness.mjs';
import { asyncGenerator } from './peers/async-generator.mjs';
import { ownConsumers } from './support/consumers.mjs';
import { arrayOf, KINDS } from './support/items.mjs';
import { floor, ours, rustPeers } from './support/sources.mjs';

/** The approximate time for which a sample consumes. */
const SAMPLE_MILLISECONDS = 200;

const FIRST_ITEMS = 1000;

const kind = KINDS.numbers;

/** Measures the delays of the timers, in milliseconds, until `work` is done. */
async function timerDelays(work) {
  const delays = [];
  let isOver = false;
  const ticking = (async () => {
    while (!isOver) {
      const due = performance.now() + 1;
      await new Promise((resolve) => setTimeout(resolve, 1));
      delays.push(Math.max(0, performance.now() - due));
    }
  })();
  await work();
  isOver = true;
  await ticking;
  return delays;
}

/** Returns a function that consumes streams until it has received `total` items. */
async function consumer({ open, batches }) {
  const consumers = await ownConsumers(kind.digest);
  const consume = batches ? consumers.batches : consumers.items;
  return async (total) => {
    for (let left = total; left > 0; left -= kind.most) {
      const { items } = await consume(open(Math.min(left, kind.most)));
      if (items !== Math.min(left, kind.most)) throw new Error(`${items} items are not all`);
    }
  };
}

async function contenderOf(source) {
  const consume = await consumer(source);
  let items = FIRST_ITEMS;
  for (let attempt = 0; attempt < 4; attempt++) {
    const start = performance.now();
    await consume(items);
    items = Math.ceil((items * SAMPLE_MILLISECONDS) / (performance.now() - start));
  }
  return {
    name: source.name,
    ours: source.ours,
    async play() {
      const delays = await timerDelays(() => consume(items));
      return {
        p50: quantile(delays, 0.5),
        p99: quantile(delays, 0.99),
        max: Math.max(...delays),
      };
    },
  };
}

export default [
  async () => {
    const array = arrayOf(kind);
    const generator = {
      name: 'async generator',
      open: (count) => asyncGenerator(array, count),
    };
    const contenders = [];
    for (const source of [floor(kind), generator, ...ours(kind), ...rustPeers(kind)]) {
      contenders.push(await contenderOf(source));
    }
    return compare({
      title: 'event-loop delay',
      figures: { p50: 'ms', p99: 'ms', max: 'ms' },
      contenders,
      references: [],
      rounds: 5,
    });
  },
];
