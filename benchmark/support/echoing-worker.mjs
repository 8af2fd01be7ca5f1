/** Sends each item back in one way. */

import { parentPort, workerData } from 'node:worker_threads';

const { way, end } = workerData;
const { echo } = await import(`../peers/echo/${way}.mjs`);
echo(end);
// Some ways do not keep a thread alive.
parentPort.on('message', () => {});
parentPort.postMessage('listening');
