// Terminates workers at random moments while their producers push as fast as they can.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { addon } from '../support/addon.mjs';
import { until } from '../support/ports.mjs';

const [rounds, workers] = process.argv.slice(2).map(Number);
const program = new URL('./flooded-worker.mjs', import.meta.url);

for (let round = 0; round < rounds; round++) {
  const running = Array.from({ length: workers }, () => new Worker(program));
  await Promise.all(
    running.map(async (worker) => {
      // Some go before they have come up, some in the middle, and some while they wait.
      const moment = Math.random();
      if (moment < 0.9) await once(worker, 'message');
      const until = performance.now() + Math.random() * 5;
      while (performance.now() < until) await new Promise(setImmediate);
      await worker.terminate();
    }),
  );
}
// Deno never finalizes what a terminated worker held: here, the producer that JavaScript has.
const forgotten = process.versions.deno ? rounds * workers : 0;
const isQuiet = () => {
  const { streams, producers, hubs } = addon.counters();
  return streams === 0 && producers <= forgotten && hubs === 0;
};
await until(isQuiet, `the last handles: ${JSON.stringify(addon.counters())}`);
console.log('quiet');
