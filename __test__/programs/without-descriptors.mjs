// Opens its first streams while no file descriptor is left, and others afterwards. Prints how each stream settles.

import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { range, readLines, walk } from 'async-iterable-bridge';

const here = fileURLToPath(import.meta.url);
const folder = fileURLToPath(new URL('.', import.meta.url));

const STREAMS = {
  range: () => range(0, 3),
  rangeAhead: () => range(0, 3, { start: 'eager' }),
  readLines: () => readLines(here),
  walk: () => walk(folder),
};

const descriptors = [];

/** Takes all file descriptors. The program itself may have given one back. */
function exhaust() {
  try {
    for (;;) descriptors.push(openSync('/dev/null'));
  } catch (error) {
    if (error.code !== 'EMFILE') throw error;
  }
}

async function settleAll(before = () => {}) {
  const endings = {};
  for (const [name, open] of Object.entries(STREAMS)) {
    before();
    try {
      for await (const _ of open());
      endings[name] = 'ended';
    } catch ({ code, errno }) {
      endings[name] = { code, errno };
    }
  }
  return endings;
}

const without = await settleAll(exhaust);
for (const descriptor of descriptors) closeSync(descriptor);
process.stdout.write(JSON.stringify({ without, afterwards: await settleAll() }));
