/**
 * The cost of an item from a worker. Each contender has a worker of its own, which makes all of its
 * streams. A stream begins with the message that requests it.
 */

import { KINDS } from './support/items.mjs';
import { runtimeName } from './support/runtime.mjs';
import { compareThroughput } from './support/throughput.mjs';
import { startWorker } from './support/worker.mjs';

/** Long enough that collecting the garbage of the sample before adds little. */
const SAMPLE_MILLISECONDS = 250;

const PORT = 'MessagePort, a message per item';

/** Deno's BroadcastChannel drops messages that arrive faster than they are received. */
const isBroadcastLossy = runtimeName.startsWith('deno');

const WAYS = [
  { name: PORT, way: 'message-port' },
  { name: 'MessagePort, arrays of 256', way: 'message-port-batches' },
  ...(isBroadcastLossy
    ? []
    : [{ name: 'BroadcastChannel, a message per item', way: 'broadcast-channel' }]),
  { name: 'a ring in a SharedArrayBuffer', way: 'shared-ring', kinds: ['numbers', 'uint8Arrays'] },
  { name: 'Channel, push and ready', way: 'channel-push', ours: true },
  { name: 'Channel, await send', way: 'channel-send', ours: true },
];

async function sourceOf({ name, way, ours }, kind) {
  const { connect } = await import(`./peers/threads/${way}.mjs`);
  const line = connect(KINDS[kind]);
  const worker = await startWorker('producing-worker.mjs', line, { way, kind });
  const open = (count) => line.open((given) => worker.postMessage({ count, given }));
  return { name, ours, open };
}

async function compareWays(kind) {
  const ways = WAYS.filter(({ kinds }) => kinds === undefined || kinds.includes(kind));
  return compareThroughput({
    kind: KINDS[kind],
    title: `${KINDS[kind].title}, from a worker`,
    sources: await Promise.all(ways.map((way) => sourceOf(way, kind))),
    references: [PORT],
    sampleMilliseconds: SAMPLE_MILLISECONDS,
  });
}

export default ['numbers', 'uint8Arrays', 'chunks', 'trees'].map((kind) => () => compareWays(kind));
