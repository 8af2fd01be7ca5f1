/** Makes and sends one stream of items on request, and records when it began. */

import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { Channel } from '../../index.mjs';

const { way, kind, count, handle, start } = workerData;

const makeBytes = (index) => new Uint8Array(1024).fill(index);
const MAKE = {
  number: (index) => index + 0.5,
  row: (index) => ({ id: index, name: `item ${index}`, ok: index % 2 === 0 }),
  nested: (index) => ({ id: index, a: { b: [1, 2, { c: `text ${index}` }] } }),
  withMap: (index) => ({
    id: index,
    a: { b: [1, 2, { c: `text ${index}` }] },
    d: new Map([[1, 'value']]),
  }),
  bytes: makeBytes,
  chunk: (index) => ({ data: makeBytes(index), fork: 'deneb', protocolVersion: 2 }),
};

const PRODUCE = {
  'message-port'(make) {
    for (let index = 0; index < count; index++) parentPort.postMessage(make(index));
    parentPort.postMessage(null);
  },
  async channel(make) {
    const sender = Channel.from(handle).sender();
    for (let index = 0; index < count; index++) {
      if (!sender.push(make(index))) await sender.ready();
    }
    sender.done();
  },
};

await once(parentPort, 'message');
new Float64Array(start)[0] = performance.timeOrigin + performance.now();
await PRODUCE[way](MAKE[kind]);
