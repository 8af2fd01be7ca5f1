// A small model of the threads of Lodestar, an Ethereum client. This thread owns the chain, and a worker owns
// the network, with real sockets. Each asks the other for blocks, over one event bus in each direction. A
// second worker is a peer, another node, which is connected to the first by TCP only.
//
//   main.mjs                      network-worker.mjs                     peer-worker.mjs
//   chain   <-- incoming bus --   sockets   <-- requests, 127.0.0.1 --   sockets, chain
//           -- outgoing bus -->             -- requests, 127.0.0.1 -->
//
//   node examples/lodestar/main.mjs [--blocks N] [--metrics]
//
// Blocks of 100 KB stream in both directions. Then the consumer pauses, leaves, and asks for blocks that the
// peer does not have. At last the network's thread is terminated. Each time the program checks how the other
// threads react. --metrics prints the measurements of the buses.

import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import {
  AsyncIterableBridgeCaller,
  AsyncIterableBridgeHandler,
  createEventBus,
  eventBusMetrics,
} from 'async-iterable-bridge';
import { Chain } from './chain.mjs';
import { ask, exchange, fail, leave, pause, terminate } from './scenarios.mjs';
import { CALLER_OPTIONS, HEAD_SLOT, INCOMING_BUS, OUTGOING_BUS, PEER_BUS } from './settings.mjs';

const DEFAULT_BLOCKS = '256';
const EXIT_FAILED = 1;
const LABEL_WIDTH = 24;

function startNode() {
  const chain = new Chain(HEAD_SLOT);
  const incoming = createEventBus(INCOMING_BUS);
  new AsyncIterableBridgeHandler(incoming, (request) => chain.blocksByRange(request));
  const outgoing = new AsyncIterableBridgeCaller(createEventBus(OUTGOING_BUS), CALLER_OPTIONS);
  const worker = new Worker(new URL('./network-worker.mjs', import.meta.url));
  return { chain, incoming, outgoing, worker };
}

function startPeer() {
  const control = new AsyncIterableBridgeCaller(createEventBus(PEER_BUS), CALLER_OPTIONS);
  const worker = new Worker(new URL('./peer-worker.mjs', import.meta.url));
  return { control, worker };
}

async function* run({ node, peer, blocks }) {
  const ports = {
    node: await ask(node.outgoing, 'port'),
    peer: await ask(peer.control, 'port'),
  };
  const nodes = { node, peer, ports };
  yield* exchange(nodes, blocks);
  yield* pause(nodes);
  yield* leave(nodes);
  yield* fail(nodes);
  yield* terminate(nodes);
}

function parseOptions() {
  const { values } = parseArgs({
    options: {
      blocks: { type: 'string', default: DEFAULT_BLOCKS },
      metrics: { type: 'boolean', default: false },
    },
  });
  const blocks = Number(values.blocks);
  if (!(Number.isInteger(blocks) && blocks > 0 && blocks < HEAD_SLOT)) {
    throw new RangeError(`--blocks must be an integer from 1 to ${HEAD_SLOT - 1}`);
  }
  return { blocks, metrics: values.metrics };
}

async function main() {
  const { blocks, metrics } = parseOptions();
  const node = startNode();
  const peer = startPeer();
  try {
    for await (const [label, text] of run({ node, peer, blocks })) {
      process.stdout.write(`${label.padEnd(LABEL_WIDTH)}${text}\n`);
    }
    if (metrics) process.stdout.write(`\n${eventBusMetrics()}`);
  } finally {
    await Promise.all([node.worker.terminate(), peer.worker.terminate()]);
    node.incoming.close();
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`lodestar: ${error.message}\n`);
  process.exitCode = EXIT_FAILED;
}
