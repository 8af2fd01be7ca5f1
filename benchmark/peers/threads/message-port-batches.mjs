/** A MessagePort, many items in a message. */

import { setImmediate } from 'node:timers/promises';
import { MessageChannel } from 'node:worker_threads';
import { successiveStreams } from './successive-streams.mjs';

const BATCH = 256;

/** The number of batches before the event loop has its turn: as many items as when they are posted one by one. */
const BURST_BATCHES = 4;

export function connect() {
  const { port1, port2 } = new MessageChannel();
  return {
    end: port2,
    transferList: [port2],
    open: successiveStreams((onItem) => {
      port1.on('message', (batch) => {
        if (batch === null) onItem(null);
        else for (const item of batch) onItem(item);
      });
    }),
  };
}

export function producer(port, items) {
  return async (count) => {
    let batches = 0;
    for (let start = 0; start < count; start += BATCH) {
      port.postMessage(items.slice(start, Math.min(count, start + BATCH)));
      batches += 1;
      if (batches % BURST_BATCHES === 0) await setImmediate();
    }
    port.postMessage(null);
  };
}
