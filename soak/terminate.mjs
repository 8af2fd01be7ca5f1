/**
 * Terminates workers at random moments while four threads push into each of them at full speed:
 * nothing crashes, hangs or leaks.
 *
 * `--control` terminates workers that run the same JavaScript without the addon, to separate a
 * runtime's own growth from ours. `--seed` repeats the moments of another run.
 */

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { addon } from '../__test__/support/addon.mjs';
import { randomSeed, seededRandom } from '../__test__/support/random.mjs';
import {
  growthFailures,
  handleFailures,
  progress,
  ResidentMemory,
  report,
  soakArguments,
} from './harness.mjs';

const { rounds, workers, control, seed } = soakArguments({
  rounds: 1000,
  workers: 8,
  control: false,
  seed: randomSeed(),
});
const program = new URL(`./workers/${control ? 'control' : 'flooded'}.mjs`, import.meta.url);
const random = seededRandom(seed);

/** Returns the life of a worker. Some workers end before they have started, most while they are busy. */
function randomLife() {
  return {
    hasToRun: random() < 0.9,
    milliseconds: random() * 10,
    workerData: { capacity: [1, 64, 1024][Math.floor(random() * 3)], isBatched: random() < 0.3 },
  };
}

async function live({ hasToRun, milliseconds, workerData }) {
  const worker = new Worker(program, { workerData });
  if (hasToRun) await once(worker, 'message');
  await sleep(milliseconds);
  await worker.terminate();
}

process.stdout.write(`seed ${seed}\n`);
const memory = new ResidentMemory();
const start = performance.now();
for (let round = 1; round <= rounds; round++) {
  await Promise.all(Array.from({ length: workers }, () => live(randomLife())));
  memory.sample();
  progress(`round ${round} of ${rounds}, ${memory.last} MB`);
}
const seconds = Math.round((performance.now() - start) / 1000);
const failures = await handleFailures(addon.counters);
const figures = memory.figures();
report(
  control ? 'terminate --control' : 'terminate',
  { rounds, workers, seed, seconds, ...figures, handles: addon.counters() },
  [...failures, ...growthFailures(figures)],
);
