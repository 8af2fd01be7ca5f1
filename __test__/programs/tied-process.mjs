// Ties ends of channels to a worker that does nothing. The ties must not keep the process alive.
import { Worker } from 'node:worker_threads';
import { Channel } from 'async-iterable-bridge';

const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
worker.unref();
globalThis.held = [new Channel().receiver({ worker }), new Channel().sender({ worker })];
process.stdout.write('made');
