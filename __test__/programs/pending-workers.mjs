// Workers that end while promises are pending in them: each exits by itself, or is terminated.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { untilNoHandles } from '../support/handles.mjs';

const [ending, ...numbers] = process.argv.slice(2);
const [rounds, workers] = numbers.map(Number);
const program = new URL('./pending-worker.mjs', import.meta.url);
let heldByWorkers = 0;

async function live() {
  const worker = new Worker(program, { workerData: ending });
  const ended = once(worker, 'exit');
  const [{ settled, silent }] = await once(worker, 'message');
  heldByWorkers += silent;
  if (ending === 'terminate') await worker.terminate();
  const [code] = await ended;
  // The exit code of a terminated worker differs between runtimes.
  return ending === 'terminate' ? settled : `${settled} ${code}`;
}

const endings = new Set();
for (let round = 0; round < rounds; round++) {
  const lives = await Promise.all(Array.from({ length: workers }, live));
  for (const ending of lives) endings.add(ending);
}
await untilNoHandles({ hubs: 0, heldByWorkers });
console.log(...endings);
