/** The time from the call that opens a stream until its first item has arrived. */

import { range } from '../index.mjs';
import { KINDS } from './support/items.mjs';
import { compareLatencies } from './support/latency.mjs';
import { FLOOR, floor, ours, rustPeers, THREADSAFE_FUNCTION } from './support/sources.mjs';

/** The number of streams in one sample. */
const STREAMS = 1000;

const kind = KINDS.numbers;

async function latenciesOf({ name, open }) {
  const latencies = [];
  for (let index = 0; index < STREAMS; index++) {
    const start = performance.now();
    const iterator = open(1)[Symbol.asyncIterator]();
    const { value, done } = await iterator.next();
    latencies.push((performance.now() - start) * 1e3);
    if (done || value !== 0) throw new Error(`${name}: ${value} is not the first number`);
    const end = await iterator.next();
    if (!end.done) throw new Error(`${name}: ${end.value} comes after the only number`);
    // A stream that has ended is dismantled in the loop's next turn, which is not measured.
    await new Promise(setImmediate);
  }
  return latencies;
}

export default [
  () => {
    const [send] = ours(kind);
    const sources = [
      floor(kind),
      send,
      { name: 'range()', ours: true, open: (items) => range(0, items) },
      ...rustPeers(kind),
    ];
    return compareLatencies({
      title: 'first item',
      contenders: sources.map((source) => ({
        name: source.name,
        ours: source.ours,
        latencies: () => latenciesOf(source),
      })),
      references: [THREADSAFE_FUNCTION, FLOOR],
    });
  },
];
