// Streams that somebody waits for in vain.

import { walk } from '../../index.mjs';
import { addon } from './addon.mjs';
import { projectRoot } from './child.mjs';
import { until } from './ports.mjs';

/** What is opened must not be collected before its environment ends. */
const held = [];

/** A stream that is open and brings nothing. */
function silent() {
  const fed = new addon.Fed();
  const stream = fed.stream();
  held.push(fed, stream);
  return stream;
}

/** A stream of which one item was read; its producer waits for room. */
async function blocked(stream) {
  held.push(stream);
  await stream.next();
  await until(() => stream.stats.producerWaits > 0, 'a producer that waits for room');
}

/**
 * Leaves promises of every kind pending, and producers that wait for a consumer.
 *
 * @returns {Promise<{settled: number, silent: number}>} How many of the promises that must stay
 *   pending have settled, and how many producers are in the hands of JavaScript.
 */
export async function leavePending() {
  const silentStreams = Array.from({ length: 5 }, silent);
  const [one, several, batches, both, left] = silentStreams;
  let settled = 0;
  const pending = [
    one.next(),
    ...Array.from({ length: 3 }, () => several.next()),
    batches.batches().next(),
    both.next(),
    both.batches().next(),
    left.return(new Promise(() => {})),
    left.next(),
  ];
  for (const promise of pending) promise.finally(() => settled++);
  await blocked(addon.flood(2, { capacity: 1 }));
  await blocked(addon.sentByTask(1e9, { capacity: 1 }));
  await blocked(walk(projectRoot, { capacity: 1 }));
  // These would settle one by one, if the event loop had the time.
  const busy = addon.flood(2, { capacity: 1 });
  for (let call = 0; call < 10_000; call++) busy.next();
  return { settled, silent: silentStreams.length };
}
