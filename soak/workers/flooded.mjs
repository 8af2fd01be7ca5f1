// Consumes what four threads push as fast as they can, until it is terminated.

import { parentPort, workerData } from 'node:worker_threads';
import { addon } from '../../__test__/support/addon.mjs';

const { capacity, isBatched } = workerData;
const stream = addon.flood(4, { capacity });
let isFirst = true;
for await (const _ of isBatched ? stream.batches() : stream) {
  if (isFirst) parentPort.postMessage('running');
  isFirst = false;
}
