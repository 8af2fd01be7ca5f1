// Opens the streams that its standard input names, one name on each line, and prints how each stream settles.

import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { range, readLines, walk } from 'async-iterable-bridge';
import { addon } from '../support/addon.mjs';

const here = fileURLToPath(import.meta.url);
const folder = fileURLToPath(new URL('../../node_modules/@types', import.meta.url));

const STREAMS = {
  range: () => range(0, 3),
  readLines: () => readLines(here),
  // The walk takes longer than the start of its threads.
  walk: () => walk(folder, { threads: 64, capacity: 16 }),
  walkAlone: () => walk(folder, { threads: 1 }),
  spawned: () => addon.spawned(3),
  iterated: () => addon.iterated(3),
  generator: () => addon.loggingGenerator(3, false),
  request: () => addon.handler().request({ items: 3 }),
};

async function settle(name) {
  try {
    let items = 0;
    for await (const _ of STREAMS[name]()) items++;
    return { items: items > 0 };
  } catch ({ code, errno, syscall, message }) {
    return { code, errno, syscall, message };
  }
}

process.stdout.write('ready\n');
for await (const name of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await settle(name))}\n`);
}
