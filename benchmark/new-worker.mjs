/**
 * The cost of an item from a worker that has just been started and makes its items as it sends them. The time
 * goes from the making of the first item to the arrival of the last. Each turn has a worker of its own, so most
 * of the time of a short stream is the engine's warm-up.
 */

import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Channel } from '../index.mjs';
import { compare } from './harness.mjs';

const PORT = 'postMessage, a message per item';

/** The milliseconds that a worker has to start before it receives the request to produce. */
const START = 50;

const STREAMS = [
  { title: '200,000 numbers', kind: 'number', count: 200_000 },
  { title: '200,000 rows', kind: 'row', count: 200_000 },
  { title: '30,000 rows', kind: 'row', count: 30_000 },
  { title: '100,000 objects with a Map', kind: 'withMap', count: 100_000 },
  { title: '30,000 objects with a Map', kind: 'withMap', count: 30_000 },
  { title: '100,000 nested objects', kind: 'nested', count: 100_000 },
  { title: '30,000 nested objects', kind: 'nested', count: 30_000 },
  { title: '50,000 Uint8Arrays of 1 KiB', kind: 'bytes', count: 50_000 },
  { title: '50,000 response chunks of 1 KiB', kind: 'chunk', count: 50_000 },
];

const now = () => performance.timeOrigin + performance.now();

async function countMessages(worker) {
  let count = 0;
  await new Promise((resolve) => {
    worker.on('message', (item) => {
      if (item === null) resolve();
      else count++;
    });
  });
  return count;
}

async function countItems(receiver) {
  let count = 0;
  for await (const _ of receiver) count++;
  return count;
}

function contender(name, way, ours, { kind, count }) {
  const play = async () => {
    const channel = way === 'channel' ? new Channel() : undefined;
    const start = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);
    const worker = new Worker(new URL('support/new-worker.mjs', import.meta.url), {
      workerData: { way, kind, count, handle: channel?.handle, start },
    });
    await once(worker, 'online');
    await setTimeout(START);
    const counted = channel === undefined ? countMessages(worker) : countItems(channel.receiver());
    worker.postMessage('produce');
    const received = await counted;
    const end = now();
    if (received !== count) throw new Error(`${name}: ${received} items instead of ${count}`);
    await worker.terminate();
    return { time: ((end - new Float64Array(start)[0]) * 1e6) / count };
  };
  return { name, ours, play };
}

export default STREAMS.map((stream) => () => {
  const theirs = contender(PORT, 'message-port', false, stream);
  const ours = contender('Channel, push and ready', 'channel', true, stream);
  return compare({
    title: `${stream.title}, from a new worker`,
    figures: { time: 'ns per item' },
    contenders: [theirs, ours],
    references: [PORT],
    warmsUp: true,
  });
});
