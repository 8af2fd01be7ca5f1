/** This project's Caller and Handler, over its own bus. */

import {
  AsyncIterableBridgeCaller,
  AsyncIterableBridgeHandler,
  createEventBus,
} from '../../../index.mjs';

const NAME = 'requests of the benchmark';

/** The bus is one for both threads, and found by its name. */
export function connect() {
  return { end: NAME, caller: new AsyncIterableBridgeCaller(createEventBus(NAME)) };
}

export function serve(name, handler) {
  new AsyncIterableBridgeHandler(createEventBus(name), handler);
}
