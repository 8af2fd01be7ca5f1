// A timer that fires while the stream always has another item.
import { range } from '../../index.mjs';
import { addon } from '../support/addon.mjs';
import { untilNoHandles } from '../support/handles.mjs';

const FIRINGS = 20;

/** The time after which a timer of 1 ms counts as starved. */
const STARVED_MILLISECONDS = 20_000;

const itself = (stream) => stream;
const batchesOf = (stream) => stream.batches();

async function consume(stream, consumed, isFedByThread = true) {
  let fired = 0;
  const timer = setInterval(() => {
    fired++;
  }, 1);
  const deadline = performance.now() + STARVED_MILLISECONDS;
  const mayGoOn = () => fired < FIRINGS && performance.now() < deadline;
  for await (const _ of consumed(stream)) {
    // A next() without an item would let the event loop turn by itself, which would hide the effect.
    while (isFedByThread && stream.stats.buffered === 0 && mayGoOn());
    if (!mayGoOn()) break;
  }
  clearInterval(timer);
  console.log(fired >= FIRINGS ? 'it kept firing' : `it fired ${fired} times`);
}

await consume(range(0, 1e9), itself, false);
await consume(addon.flood(2), itself);
await consume(addon.sentByTask(1e9), itself);
await consume(addon.sentByTask(1e9), batchesOf);
await untilNoHandles();
