// As busy as flooded.mjs, with nothing but the runtime: what resident memory does while such
// workers are terminated is the runtime's own doing.

import { parentPort } from 'node:worker_threads';

async function* generate() {
  for (let number = 0; ; number++) {
    if (number % 1024 === 0) await new Promise(setImmediate);
    yield number;
  }
}

let isFirst = true;
for await (const _ of generate()) {
  if (isFirst) parentPort.postMessage('running');
  isFirst = false;
}
