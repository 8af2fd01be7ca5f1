// Holds the event loop after every item, and says how full the queue was at most meanwhile.
import { addon } from '../support/addon.mjs';
import { untilNoHandles } from '../support/handles.mjs';

const ITEMS = 20;

/** How often to look at a queue in which there is no room left, after every item. */
const LOOKS = 1000;

/** How long a queue may take to fill up. */
const TIME_LIMIT_MILLISECONDS = 30_000;

/** The most that a counter of `stats` shows, which can reach its bound but not exceed it. */
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

/** Strings of ten bytes, from a thread. */
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
