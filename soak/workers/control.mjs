// A worker as busy as flooded.mjs, without the addon: the same iterator reads from plain JavaScript. If
// resident memory grows while such workers are terminated, the runtime itself causes it.

import { readFileSync } from 'node:fs';
import { runInThisContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';

const scripts = new URL('../../crates/async-iterable-bridge/src/js/scripts/', import.meta.url);
const evaluate = (name) => runInThisContext(readFileSync(new URL(name, scripts), 'utf8'));
const { open, wake, PARKED } = evaluate('iterator.js')(evaluate('observers.js')());

/** One of this number of drains finds nothing yet. */
const DRAINS_PER_WAIT = 7;

const { capacity, isBatched } = workerData;
let drains = 0;
const stream = open(
  {
    drain(parked) {
      drains++;
      if (drains % DRAINS_PER_WAIT !== 0) return Array.from(Array(capacity).keys());
      setImmediate(() => wake(parked));
      return PARKED;
    },
    cancel() {},
    stats: () => ({}),
  },
  5,
);
let isFirst = true;
for await (const _ of isBatched ? stream.batches() : stream) {
  if (isFirst) parentPort.postMessage('running');
  isFirst = false;
}
