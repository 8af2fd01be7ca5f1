/** The time from just before an item is sent to an idle worker until the item has returned. */

import { compareLatencies } from './support/latency.mjs';
import { startWorker } from './support/worker.mjs';

/** The number of round trips in one sample, one after the other. */
const ROUND_TRIPS = 1000;

const PORT = 'MessagePort';

const WAYS = [
  { name: PORT, way: 'message-port' },
  { name: 'BroadcastChannel', way: 'broadcast-channel' },
  { name: 'Channel, one in each direction', way: 'channel', ours: true },
];

async function contenderOf({ name, way, ours }) {
  const { connect } = await import(`./peers/echo/${way}.mjs`);
  const line = connect();
  await startWorker('echoing-worker.mjs', line, { way });
  async function latencies() {
    const all = [];
    for (let item = 0; item < ROUND_TRIPS; item++) {
      const start = performance.now();
      const answer = await line.roundTrip(item);
      all.push((performance.now() - start) * 1e3);
      if (answer !== item) throw new Error(`${name}: ${answer} came back instead of ${item}`);
    }
    return all;
  }
  return { name, ours, latencies };
}

export default [
  async () =>
    compareLatencies({
      title: 'round trip to a worker',
      contenders: await Promise.all(WAYS.map(contenderOf)),
      references: [PORT],
    }),
];
