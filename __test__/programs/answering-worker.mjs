// Answers requests over the port of its thread: `{ to, size, failAt }` with `to` items of `size` bytes
// each, and `{}` with the number of requests that it is answering.

import { parentPort } from 'node:worker_threads';
import { AsyncIterableBridgeHandler } from '../../index.mjs';
import { portBus } from '../support/buses.mjs';

const handler = new AsyncIterableBridgeHandler(
  portBus(parentPort),
  async function* ({ to, size, failAt }) {
    if (to === undefined) yield handler.iteratingCount;
    for (let number = 0; number < to; number++) {
      if (number === failAt) throw new RangeError(`fails at ${number}`);
      yield { number, data: new Uint8Array(size).fill(number) };
    }
  },
);
