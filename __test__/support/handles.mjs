// That no native object outlives the test that used it.

import { createRequire } from 'node:module';
import { afterEach } from 'node:test';
// Not the global one, which a test may have replaced.
import { setImmediate as turn } from 'node:timers/promises';
import { addon } from './addon.mjs';
import { collectGarbage } from './garbage.mjs';

const { liveHandles } = createRequire(import.meta.url)('../../native.js');

const MOST_COLLECTIONS = 100;

/**
 * The streams and producers that are alive, of the package and of the test addon. Bun's collector
 * keeps whatever an old word on the stack points to, so there an unreferenced stream may stay.
 */
function countHandles() {
  const counters = [liveHandles(), addon.counters()];
  const alive = ({ streams, producers }) => producers + (globalThis.Bun ? 0 : streams);
  return alive(counters[0]) + alive(counters[1]);
}

/** Makes each test of a file fail that leaves native objects behind. */
export function expectNoHandles() {
  afterEach(async () => {
    for (let collections = 0; collections < MOST_COLLECTIONS; collections++) {
      if (countHandles() === 0) return;
      collectGarbage();
      await turn();
    }
    throw new Error(`The test leaves ${countHandles()} native objects behind`);
  });
}
