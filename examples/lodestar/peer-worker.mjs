// Another node, with its chain and its sockets in one thread. An event bus connects it to main.mjs, too, which
// controls it and inspects what it has done.

import { AsyncIterableBridgeHandler, createEventBus } from 'async-iterable-bridge';
import { Chain } from './chain.mjs';
import { listen, requestBlocks } from './peer-requests.mjs';
import { HEAD_SLOT, PEER_BUS } from './settings.mjs';

const chain = new Chain(HEAD_SLOT);
const listening = listen((request) => chain.blocksByRange(request));

async function* countsOnceIdle() {
  await chain.idle();
  yield chain.counts;
}

const methods = {
  port: () => [listening],
  blocksByRange: requestBlocks,
  counts: () => [chain.counts],
  countsOnceIdle,
};

new AsyncIterableBridgeHandler(createEventBus(PEER_BUS), ({ method, ...request }) =>
  methods[method](request),
);
