// Consumes the items that four threads push at full speed, until the worker is terminated.

import { parentPort, workerData } from 'node:worker_threads';
import { addon } from '../../__test__/support/addon.mjs';

const { capacity, isBatched } = workerData;
const stream = addon.flood(4, { capacity });
let isFirst = true;
for await (const _ of isBatched ? stream.batches() : stream) {
  if (isFirst) parentPort.postMessage('running');
  isFirst = false;
}
