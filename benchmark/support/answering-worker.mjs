/** Answers requests with chunks over one of the bridges, and counts the chunks that it makes. */

import { parentPort, workerData } from 'node:worker_threads';
import { arrayOf, KINDS, PRODUCED_BYTES } from './items.mjs';

const { way, end, made } = workerData;
const chunks = arrayOf(KINDS.chunks, PRODUCED_BYTES);

async function* answer({ count }) {
  for (let index = 0; index < count; index++) {
    Atomics.add(made, 0, 1);
    yield chunks[index % chunks.length];
  }
}

const { serve } = await import(`../peers/bridges/${way}.mjs`);
serve(end, answer);
// Some ways do not keep a thread alive.
parentPort.on('message', () => {});
parentPort.postMessage('listening');
