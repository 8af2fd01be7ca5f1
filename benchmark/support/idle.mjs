/** Many streams, or peers of them, that are open and to which nothing is sent. */

import { addon } from './addon.mjs';

export const IDLE = 10_000;

/** Streams whose consumers wait; `end` ends them all, and waits until that has arrived. */
export function openIdleStreams(count = IDLE) {
  const streams = Array.from({ length: count }, () => addon.oursIdle());
  const pending = streams.map((stream) => stream.next());
  return {
    streams,
    async end() {
      addon.endIdle();
      await Promise.all(pending);
    },
  };
}

/** What each stream of these peers would have: a threadsafe function that nobody calls. */
export function openIdleFunctions(count = IDLE) {
  for (let index = 0; index < count; index++) addon.threadsafeFunctionIdle(() => {});
  return {
    async end() {
      addon.endIdle();
      // They are released, which is finished in the loop's next turns.
      for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
    },
  };
}
