/**
 * Prints the bytes of resident memory that each of many idle streams takes. The argument names the kind of
 * streams. It has a process of its own, because a process does not request memory again that it used before.
 */

import { collectGarbage } from '../../__test__/support/garbage.mjs';
import { range } from '../../index.mjs';
import { asyncGenerator } from '../peers/async-generator.mjs';
import { webReadableStream } from '../peers/web-readable-stream.mjs';
import { addon } from './addon.mjs';
import { IDLE, openIdleFunctions, openIdleStreams } from './idle.mjs';
import { MEMORY } from './idle-memory-names.mjs';

/** The number of streams that load the code and grow everything that grows in steps. */
const WARM_UP = 100;

const many = (open) => (count) => ({ streams: Array.from({ length: count }, open) });

const OPENERS = {
  [MEMORY.unread]: many(() => range(0, 1e9)),
  [MEMORY.awaited]: openIdleStreams,
  [MEMORY.threadsafeFunction]: openIdleFunctions,
  [MEMORY.napiGenerator]: many(() =>
    new addon.AsyncGeneratorNumbers(1e9, 0)[Symbol.asyncIterator](),
  ),
  [MEMORY.napiReadable]: many(() => addon.readableStreamNumbers(1e9, 0)),
  [MEMORY.generator]: many(() => asyncGenerator([], 0)),
  [MEMORY.webReadable]: many(() => webReadableStream([0], 1e9)),
};

const open = OPENERS[process.argv[2]];
const kept = [open(WARM_UP)];
await new Promise(setImmediate);
collectGarbage();
const before = process.memoryUsage().rss;
kept.push(open(IDLE));
await new Promise(setImmediate);
collectGarbage();
const bytes = (process.memoryUsage().rss - before) / IDLE;
process.stdout.write(`${bytes}\n`, () => process.exit(kept.length > 0 ? 0 : 1));
