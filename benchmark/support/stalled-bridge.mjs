/**
 * Prints by how many bytes the process grows when a consumer reads a few chunks of a large answer and then stops
 * reading. The argument names the bridge. It has a process of its own, because a process does not request memory again
 * that it used before.
 */

import { setTimeout } from 'node:timers/promises';
import { collectGarbage } from '../../__test__/support/garbage.mjs';
import { openBridge } from './bridges.mjs';

/** The number of chunks that load the code. */
const WARM_UP = 1000;

/** 200 MiB of bytes, in chunks of 1 KiB. */
const CHUNKS = 200 * 1024;

const READ = 10;

/** The time in which the handler must not have made anything. */
const STILL_MILLISECONDS = 500;
const STEP_MILLISECONDS = 20;

const { caller, made } = await openBridge(process.argv[2]);

async function untilStill() {
  let last;
  let since;
  do {
    if (made() !== last) {
      last = made();
      since = performance.now();
    }
    await setTimeout(STEP_MILLISECONDS);
  } while (performance.now() - since < STILL_MILLISECONDS);
}

for await (const _ of caller.getAsyncIterable({ count: WARM_UP }));
collectGarbage();
const before = process.memoryUsage().rss;
const stalled = caller.getAsyncIterable({ count: CHUNKS })[Symbol.asyncIterator]();
for (let read = 0; read < READ; read++) await stalled.next();
await untilStill();
collectGarbage();
const bytes = process.memoryUsage().rss - before;
// It returns only now, so that the chunks that it has queued are still in memory.
await stalled.return();
process.stdout.write(`${bytes}\n`, () => process.exit(0));
