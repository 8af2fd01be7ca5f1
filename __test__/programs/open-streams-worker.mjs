// A thread with a stream whose producer waits for room, and the waiting receiver of a channel.

import { parentPort, workerData } from 'node:worker_threads';
import { Channel } from '../../index.mjs';
import { addon } from '../support/addon.mjs';

const blocked = addon.sentByTask(1e9, { capacity: 8 });
await blocked.next();
const receiver = Channel.from(workerData.handle).receiver();
receiver.next();
parentPort.postMessage('open');
parentPort.once('message', async () => {
  await blocked.return();
  await receiver.return();
  parentPort.postMessage('left');
});
