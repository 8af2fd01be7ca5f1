// Streams whose consumers wait in vain.

import { walk } from '../../index.mjs';
import { addon } from './addon.mjs';
import { projectRoot } from './child.mjs';
import { until } from './scripted-streams.mjs';

/** The opened streams. They must not be collected before their environment ends. */
const held = [];

/** Opens a stream that delivers nothing. */
function silent() {
  const fed = new addon.Fed();
  const stream = fed.stream();
  held.push(fed, stream);
  return stream;
}

/** Reads one item of a stream, so that its producer waits for room. */
async function blocked(stream) {
  held.push(stream);
  await stream.next();
  await until(() => stream.stats.producerWaits > 0, 'a producer that waits for room');
}

/**
 * Leaves promises of every kind pending, and producers that wait for a consumer.
 *
 * @returns {Promise<{settled: number, silent: number}>} How many of the promises that must stay pending have settled,
 *   and how many producers JavaScript holds.
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
  // These would settle one by one, if the event loop could turn.
  const busy = addon.flood(2, { capacity: 1 });
  for (let call = 0; call < 10_000; call++) busy.next();
  return { settled, silent: silentStreams.length };
}
