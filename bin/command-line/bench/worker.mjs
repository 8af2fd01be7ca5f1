// Sends `count` objects, by a port or by a channel.

import { setImmediate } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { Channel } from '../../../index.mjs';

/** The number of items between two pauses. A port takes every item, so a worker must pause to limit its memory. */
const BURST = 1024;

const itemOf = (number) => ({ number, text: 'an item of a stream' });

async function sendByPort(port, count) {
  for (let number = 0; number < count; number++) {
    port.postMessage(itemOf(number));
    if (number % BURST === BURST - 1) await setImmediate();
  }
}

async function sendByChannel(handle, count) {
  const sender = Channel.from(handle).sender();
  for (let number = 0; number < count; number++) {
    if (!sender.push(itemOf(number))) await sender.ready();
  }
  sender.done();
}

parentPort.on('message', ({ count, port, handle }) => {
  if (port === undefined) sendByChannel(handle, count);
  else sendByPort(port, count);
});
parentPort.postMessage('listening');
