import { parentPort } from 'node:worker_threads';
import { range } from '../../index.mjs';

let sum = 0;
for await (const number of range(0, 10_000)) sum += number;
range(0, 1e9).next();
parentPort.postMessage(sum);
// A stream that still waits would keep the worker alive; the test is about the worker's end.
process.exit(0);
