/** A request bridge that is written by hand, over a MessagePort. */

import { MessageChannel } from 'node:worker_threads';
import { HandWrittenCaller } from './hand-written-caller.mjs';
import { HandWrittenHandler } from './hand-written-handler.mjs';
import { portBus } from './port-bus.mjs';

export function connect() {
  const { port1, port2 } = new MessageChannel();
  return {
    end: port2,
    transferList: [port2],
    caller: new HandWrittenCaller(portBus(port1)),
  };
}

export function serve(port, handler) {
  new HandWrittenHandler(portBus(port), handler);
}
