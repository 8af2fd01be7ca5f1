/**
 * Prints by how many bytes the process grows when a consumer reads a few chunks of a large answer, and
 * then no more. The argument says over which bridge. In a process of its own, because memory that was
 * used before is not asked for again.
 */

import { setTimeout } from 'node:timers/promises';
import { collectGarbage } from '../../__test__/support/garbage.mjs';
import { openBridge } from './bridges.mjs';

/** Enough to load the code. */
const WARM_UP = 1000;

/** 200 MiB of bytes, in chunks of 1 KiB. */
const CHUNKS = 200 * 1024;

const READ = 10;

/** For so long the handler must not have made anything. */
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
// Only now, so that what it has queued is still there.
await stalled.return();
process.stdout.write(`${bytes}\n`, () => process.exit(0));
