// Leaves promises pending, and exits by itself or waits for its end, as its data says.
import { parentPort, workerData } from 'node:worker_threads';
import { leavePending } from '../support/pending.mjs';

parentPort.postMessage(await leavePending());
if (workerData === 'exit') process.exit(3);
