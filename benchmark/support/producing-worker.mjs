/** Produces streams of one kind of items, in one way, whenever it is told how many of them. */

import { parentPort, workerData } from 'node:worker_threads';
import { arrayOf, KINDS } from './items.mjs';

/** Little enough for a cache: what is measured is the way, and not where items have lain. */
const ARRAY_BYTES = 4 * 1024 * 1024;

const { way, kind, end } = workerData;
const { producer } = await import(`../peers/threads/${way}.mjs`);
const produce = producer(end, arrayOf(KINDS[kind], ARRAY_BYTES));
parentPort.on('message', ({ count, given }) => produce(count, given));
parentPort.postMessage('listening');
