/** This project's Caller and Handler, over the bus of the hand-written ones. */

import { MessageChannel } from 'node:worker_threads';
import { AsyncIterableBridgeCaller, AsyncIterableBridgeHandler } from '../../../index.mjs';
import { portBus } from './port-bus.mjs';

export function connect() {
  const { port1, port2 } = new MessageChannel();
  return {
    end: port2,
    transferList: [port2],
    caller: new AsyncIterableBridgeCaller(portBus(port1)),
  };
}

export function serve(port, handler) {
  new AsyncIterableBridgeHandler(portBus(port), handler);
}
