/** Many streams, or peers of them, that are open and receive nothing. */

import { addon } from './addon.mjs';

export const IDLE = 10_000;

/** Opens streams whose consumers wait; `end` ends all of them, and waits until the consumers have observed it. */
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

/** Opens what each stream of these peers would need: a threadsafe function that is never called. */
export function openIdleFunctions(count = IDLE) {
  for (let index = 0; index < count; index++) addon.threadsafeFunctionIdle(() => {});
  return {
    async end() {
      addon.endIdle();
      // They are released, which is finished in the next turns of the event loop.
      for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
    },
  };
}
