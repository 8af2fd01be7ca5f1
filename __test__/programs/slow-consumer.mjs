// Blocks the event loop after every item, and prints the most that was in the queue meanwhile.
import { addon } from '../support/addon.mjs';
import { untilNoHandles } from '../support/handles.mjs';

const ITEMS = 20;

/** The number of checks of a full queue after every item. */
const LOOKS = 1000;

/** The time in which a queue must fill up. */
const TIME_LIMIT_MILLISECONDS = 30_000;

/** Returns the highest value of a counter of `stats`, which can reach its bound but not exceed it. */
async function most(stream, counter, bound) {
  let seen = 0;
  let items = 0;
  for await (const _ of stream) {
    const deadline = performance.now() + TIME_LIMIT_MILLISECONDS;
    for (let looks = 0; looks < LOOKS && performance.now() < deadline; ) {
      const filled = stream.stats[counter];
      seen = Math.max(seen, filled);
      if (filled >= bound) looks++;
    }
    if (++items === ITEMS) break;
  }
  return `${seen} of ${bound}`;
}

/** Opens a stream of strings of ten bytes, from a thread. */
function strings(options) {
  const fed = new addon.Fed(options);
  fed.pushFromThread(Array(10_000).fill('ten bytes.'));
  fed.dropProducer();
  return fed.stream();
}

console.log(await most(addon.flood(2, { capacity: 16 }), 'buffered', 16), 'items');
console.log(await most(addon.sentByTask(1e9, { capacity: 16 }), 'buffered', 16), 'items');
console.log(await most(strings({ maxBytes: 100 }), 'bufferedBytes', 100), 'bytes');
await untilNoHandles();
