// A short program with the package's main uses. It prints the platform that it runs on, or fails.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Channel, range, readLines, walk } from 'async-iterable-bridge';

const COUNT = 10_000;

async function collect(stream) {
  const items = [];
  for await (const item of stream) items.push(item);
  return items;
}

const numbers = await collect(range(0, COUNT, { capacity: 7 }));
assert.deepEqual(
  numbers,
  Array.from({ length: COUNT }, (_, index) => index),
);

const lines = await collect(readLines(fileURLToPath(import.meta.url)));
assert.match(lines[0], /^\/\/ What a user may do/);

const entries = await collect(walk('node_modules', { maxDepth: 1 }));
assert.ok(entries.some(({ name }) => name === 'async-iterable-bridge'));

await assert.rejects(collect(readLines('missing')), { code: 'ENOENT', syscall: 'open' });

const long = range(0, Number.MAX_SAFE_INTEGER);
for await (const number of long) if (number === COUNT) break;
assert.equal(long.stats.state, 'cancelled');

const channel = new Channel({ capacity: 16 });
const worker = new Worker(
  `const { workerData } = require('node:worker_threads');
  const { Channel } = require('async-iterable-bridge');
  (async () => {
    const sender = Channel.from(workerData.handle).sender();
    for (let number = 0; number < workerData.count; number++) await sender.send({ number });
    sender.done();
  })();`,
  { eval: true, workerData: { handle: channel.handle, count: COUNT } },
);
const sent = await collect(channel.receiver());
assert.deepEqual(sent.at(-1), { number: COUNT - 1 });
assert.equal(sent.length, COUNT);
await once(worker, 'exit');

const loaded = Object.keys(createRequire(import.meta.url).cache).filter((path) =>
  path.endsWith('.node'),
);
console.log(process.platform, process.arch, ...loaded.map((path) => path.split(/[\\/]/).at(-1)));
