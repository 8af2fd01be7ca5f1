// Consumes floods in every way at once, until the test stops it.
import { parentPort } from 'node:worker_threads';
import { addon } from '../support/addon.mjs';

const pending = new addon.Fed();
pending.stream().next();
let items = 0;
const consume = async (iterable) => {
  for await (const _ of iterable) if (++items === 1000) parentPort.postMessage('running');
};
consume(addon.flood(4));
consume(addon.flood(4, { capacity: 1 }));
consume(addon.flood(2, { capacity: 64 }).batches());
addon.flood(1, { overflow: 'drop-oldest' });
consume(addon.handler().request({ items: 2 ** 32 - 1 }));
