/** This project's Caller and Handler, over its own bus. */

import {
  AsyncIterableBridgeCaller,
  AsyncIterableBridgeHandler,
  createEventBus,
} from '../../../index.mjs';

const NAME = 'requests of the benchmark';

/** Connects both threads to the same bus, which each finds by its name. */
export function connect() {
  return { end: NAME, caller: new AsyncIterableBridgeCaller(createEventBus(NAME)) };
}

export function serve(name, handler) {
  new AsyncIterableBridgeHandler(createEventBus(name), handler);
}
