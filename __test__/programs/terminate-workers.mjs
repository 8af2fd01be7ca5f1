// Terminates workers at random moments while their producers push as fast as they can. The seed
// among the arguments repeats the moments of another run.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { addon } from '../support/addon.mjs';
import { untilNoHandles } from '../support/handles.mjs';
import { randomSeed, seededRandom } from '../support/random.mjs';
import { turn, until } from '../support/scripted-streams.mjs';

const [rounds, workers, seed = randomSeed()] = process.argv.slice(2).map(Number);
const program = new URL('./flooded-worker.mjs', import.meta.url);
const random = seededRandom(seed);

/** Returns a random lifetime: some workers end before or during their start, some while they push or wait. */
function randomLife() {
  const hasToRun = random() < 0.8;
  return { hasToRun, milliseconds: random() * (hasToRun ? 5 : 500) };
}

async function live({ hasToRun, milliseconds }) {
  const worker = new Worker(program);
  if (hasToRun) await once(worker, 'message');
  const end = performance.now() + milliseconds;
  while (performance.now() < end) await turn();
  await worker.terminate();
}

console.error('seed', seed);
for (let round = 0; round < rounds; round++) {
  await Promise.all(Array.from({ length: workers }, () => live(randomLife())));
}
await untilNoHandles({ hubs: 0, heldByWorkers: rounds * workers });
await until(() => addon.livingHandlers() === 0, 'the end of the handlers');
console.log('quiet');
