// Checks that no native object outlives the test that used it.

import { createRequire } from 'node:module';
import { afterEach } from 'node:test';
// Not the global one, which a test may have replaced.
import { setImmediate as turn } from 'node:timers/promises';
import { addon } from './addon.mjs';
import { collectGarbage } from './garbage.mjs';
import { until } from './scripted-streams.mjs';

const { liveHandles } = createRequire(import.meta.url)('../../lib/addon/native.js');

const MOST_COLLECTIONS = 100;

/**
 * Counts the streams and producers that are alive, of the package and of the test addon. Bun's collector keeps every
 * object that an old word on the stack points to, so there an unreferenced stream may stay.
 */
function countHandles() {
  const counters = [liveHandles(), addon.counters()];
  const alive = ({ streams, producers }) => producers + (globalThis.Bun ? 0 : streams);
  return alive(counters[0]) + alive(counters[1]);
}

/** Fails each test of a file that leaves native objects behind. */
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

/** Fails each test of a file that leaves a usable channel behind. */
export function expectNoChannels() {
  afterEach(() =>
    // As above.
    until(() => {
      collectGarbage();
      return liveHandles().channels === 0 || globalThis.Bun !== undefined;
    }, 'the end of all channels'),
  );
}

/**
 * Waits until a program has left no native object behind.
 *
 * @param {object} [options]
 * @param {number} [options.hubs] - The number of hubs of each addon that may stay: this environment's own hub lives
 *   as long as the environment.
 * @param {number} [options.heldByWorkers] - The number of producers that JavaScript held in workers that have ended.
 *   Deno never finalizes them.
 */
export async function untilNoHandles({ hubs = 1, heldByWorkers = 0 } = {}) {
  const isDeno = process.versions.deno !== undefined;
  const hasGone = ({ streams, producers, hubs: live }) =>
    (streams === 0 || globalThis.Bun !== undefined) &&
    producers <= (isDeno ? heldByWorkers : 0) &&
    live <= hubs;
  const haveGone = () => {
    collectGarbage();
    return hasGone(liveHandles()) && hasGone(addon.counters());
  };
  try {
    await until(haveGone);
  } catch {
    throw new Error(`Native objects stay: ${JSON.stringify([liveHandles(), addon.counters()])}`);
  }
}
