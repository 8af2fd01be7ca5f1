// Opens many streams without a consumer, prints their memory, and forgets them.
import { range } from '../../index.mjs';
import native from '../../lib/addon/native.js';
import { addon } from '../support/addon.mjs';
import { collectGarbage } from '../support/garbage.mjs';
import { untilNoHandles } from '../support/handles.mjs';

const STREAMS = 10_000;

/** The number of streams after which all memory that is independent of their number has been allocated. */
const WARM_UP = 100;

/** The most bytes for a stream: more than ten times the average. */
const MOST_BYTES_PER_STREAM = 64 * 1024;

const kinds = [
  async function unread() {
    return range(0, 1e9);
  },
  async function waitsForItems() {
    const fed = new addon.Fed();
    const stream = fed.stream();
    stream.next();
    return { fed, stream };
  },
  async function waitsForRoom() {
    const stream = range(0, 1e9, { capacity: 4 });
    await stream.next();
    return stream;
  },
];

const held = [];

async function openUpTo(count) {
  while (held.length < count) held.push(await kinds[held.length % kinds.length]());
}

function residentMemory() {
  collectGarbage();
  return process.memoryUsage().rss;
}

await openUpTo(WARM_UP);
const before = residentMemory();
await openUpTo(STREAMS);
const bytes = (residentMemory() - before) / (STREAMS - WARM_UP);
console.log(bytes <= MOST_BYTES_PER_STREAM ? 'small' : `${bytes} bytes each`);
console.log(native.liveHandles().streams + addon.counters().streams);
held.length = 0;
await untilNoHandles();
