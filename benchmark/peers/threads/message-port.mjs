/** A MessagePort, one item in a message. */

import { MessageChannel } from 'node:worker_threads';
import { pushInBursts } from '../bursts.mjs';
import { successiveStreams } from './successive-streams.mjs';

export function connect() {
  const { port1, port2 } = new MessageChannel();
  return {
    end: port2,
    transferList: [port2],
    open: successiveStreams((onItem) => port1.on('message', onItem)),
  };
}

export function producer(port, items) {
  return async (count) => {
    await pushInBursts(items, count, (item) => port.postMessage(item));
    port.postMessage(null);
  };
}
