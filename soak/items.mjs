/** Many items through one stream: every item arrives, in order, and resident memory stays flat. */

import { addon } from '../__test__/support/addon.mjs';
import {
  growthFailures,
  handleFailures,
  progress,
  ResidentMemory,
  report,
  soakArguments,
} from './harness.mjs';

const { items } = soakArguments({ items: 100_000_000 });

const SAMPLES = 100;

const between = Math.ceil(items / SAMPLES);
const memory = new ResidentMemory();

/** Consumes in a function of its own, whose end releases the stream: this module's frame would keep it. */
async function consume() {
  let seen = 0;
  let misplaced = 0;
  for await (const number of addon.spawned(items)) {
    if (number !== seen) misplaced++;
    seen++;
    if (seen % between === 0) {
      memory.sample();
      progress(`${seen} of ${items} items, ${memory.last} MB`);
    }
  }
  return { seen, misplaced };
}

const start = performance.now();
const { seen, misplaced } = await consume();
const seconds = Math.round((performance.now() - start) / 1000);
const figures = memory.figures();
const failures = [
  ...(await handleFailures(addon.counters, { hubs: 1 })),
  ...growthFailures(figures),
];
if (seen !== items) failures.push(`${seen} items have arrived`);
if (misplaced > 0) failures.push(`${misplaced} items were out of place`);
report('items', { items, seconds, ...figures, handles: addon.counters() }, failures);
