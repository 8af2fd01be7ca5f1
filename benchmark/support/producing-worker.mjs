/** Produces streams of one kind of items, in one way, whenever it receives their number. */

import { parentPort, workerData } from 'node:worker_threads';
import { arrayOf, KINDS, PRODUCED_BYTES } from './items.mjs';

const { way, kind, end } = workerData;
const { producer } = await import(`../peers/threads/${way}.mjs`);
const produce = producer(end, arrayOf(KINDS[kind], PRODUCED_BYTES));
parentPort.on('message', ({ count, given }) => produce(count, given));
parentPort.postMessage('listening');
