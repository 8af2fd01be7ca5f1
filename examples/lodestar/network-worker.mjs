// The network of the node, with all its sockets. It has no blocks: it serves peers from the main thread's
// chain, and the main thread asks it for the blocks of peers.

import {
  AsyncIterableBridgeCaller,
  AsyncIterableBridgeHandler,
  createEventBus,
} from 'async-iterable-bridge';
import { listen, requestBlocks } from './peer-requests.mjs';
import { CALLER_OPTIONS, INCOMING_BUS, OUTGOING_BUS } from './settings.mjs';

const incoming = new AsyncIterableBridgeCaller(createEventBus(INCOMING_BUS), CALLER_OPTIONS);
const listening = listen((request) => incoming.getAsyncIterable(request));

const methods = {
  port: () => [listening],
  blocksByRange: requestBlocks,
};

new AsyncIterableBridgeHandler(createEventBus(OUTGOING_BUS), ({ method, ...request }) =>
  methods[method](request),
);
