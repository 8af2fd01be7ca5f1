// The actions of main.mjs on its node and the peer. Each scenario yields lines of the report, a label and a
// text, and throws if the result differs from what it is to show.

import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { BLOCK_BYTES, verifyBlock } from './block.mjs';
import { HEAD_SLOT } from './settings.mjs';

/** The number of blocks after which a consumer leaves or pauses. */
const FEW_BLOCKS = 8;
/** If the peer has sent nothing for this time, it waits. */
const PAUSE_MILLISECONDS = 50;

/** A range with more blocks than any consumer is going to read. */
const everything = { startSlot: 0, count: HEAD_SLOT };

/** Returns the only item of an answer. */
export async function ask(caller, method) {
  for await (const item of caller.getAsyncIterable({ method })) return item;
}

const blocksOf = (caller, port, range) =>
  caller.getAsyncIterable({ method: 'blocksByRange', port, ...range })[Symbol.asyncIterator]();

/** Reads up to `most` blocks, and verifies them. The blocks that are not read yet wait. */
async function readBlocks(blocks, startSlot, most) {
  let count = 0;
  while (count < most) {
    const { value, done } = await blocks.next();
    if (done) break;
    verifyBlock(value, startSlot + count);
    count += 1;
  }
  return count;
}

/** Reads until the stream fails. Returns the number of blocks and the code of the error. */
async function readUntilFailure(blocks, startSlot) {
  let slot = startSlot;
  try {
    for await (const block of blocks) {
      verifyBlock(block, slot);
      slot += 1;
    }
  } catch (error) {
    return { count: slot - startSlot, code: error.code };
  }
  return { count: slot - startSlot, code: undefined };
}

/** Streams blocks in both directions at the same time. */
export async function* exchange({ node, peer, ports }, count) {
  const range = { startSlot: 1, count };
  const started = performance.now();
  const [fetched, served] = await Promise.all([
    readBlocks(blocksOf(node.outgoing, ports.peer, range), 1, count + 1),
    readBlocks(blocksOf(peer.control, ports.node, range), 1, count + 1),
  ]);
  const seconds = (performance.now() - started) / 1000;
  assert.deepEqual({ fetched, served }, { fetched: count, served: count });
  yield ['fetched from the peer', `${fetched} of ${count} blocks, all valid`];
  yield ['served to the peer', `${served} of ${count} blocks, all valid`];
  yield ['throughput', `${(((fetched + served) * BLOCK_BYTES) / 1e6 / seconds).toFixed(0)} MB/s`];
}

/** Pauses a consumer. The peer then waits, and a consumer that continues receives every block. */
export async function* pause({ node, peer, ports }) {
  const { blocksRead: before } = await ask(peer.control, 'counts');
  const blocks = blocksOf(node.outgoing, ports.peer, everything);
  const first = await readBlocks(blocks, 0, FEW_BLOCKS);
  let held = 0;
  let last;
  do {
    last = held;
    await delay(PAUSE_MILLISECONDS);
    held = (await ask(peer.control, 'counts')).blocksRead - before;
  } while (held > last);
  yield ['pausing', `after ${first} blocks, the peer stopped at ${held} of ${HEAD_SLOT}`];
  const rest = await readBlocks(blocks, first, 2 * held);
  assert.equal(rest, 2 * held);
  yield ['going on', `${rest} more blocks, all valid`];
  await blocks.return();
  await ask(peer.control, 'countsOnceIdle');
}

/** Leaves the streams. In both directions the serving side observes that the consumer has left. */
export async function* leave({ node, peer, ports }) {
  const { blocksRead: peerBefore } = await ask(peer.control, 'countsOnceIdle');
  const { blocksRead: nodeBefore } = node.chain.counts;
  const fetched = blocksOf(node.outgoing, ports.peer, everything);
  const served = blocksOf(peer.control, ports.node, everything);
  for (const blocks of [fetched, served]) {
    await readBlocks(blocks, 0, FEW_BLOCKS);
    await blocks.return();
  }
  const { blocksRead: peerAfter } = await ask(peer.control, 'countsOnceIdle');
  await node.chain.idle();
  const nodeAfter = node.chain.counts.blocksRead;
  yield ['leaving the peer', `after ${FEW_BLOCKS} blocks, it stopped at ${peerAfter - peerBefore}`];
  yield ['left by the peer', `after ${FEW_BLOCKS} blocks, stopped at ${nodeAfter - nodeBefore}`];
}

/** Fails the peer in the middle of a range: it does not have the second half. */
export async function* fail({ node, ports }) {
  const startSlot = HEAD_SLOT - FEW_BLOCKS + 1;
  const range = { startSlot, count: 2 * FEW_BLOCKS };
  const { count, code } = await readUntilFailure(
    blocksOf(node.outgoing, ports.peer, range),
    startSlot,
  );
  assert.equal(code, 'ERR_UNKNOWN_BLOCK');
  yield ['failing peer', `${code} after ${count} blocks`];
}

/** Terminates the network's thread while both directions are busy. */
export async function* terminate({ node, peer, ports }) {
  const fetched = blocksOf(node.outgoing, ports.peer, everything);
  const served = blocksOf(peer.control, ports.node, everything);
  for (const blocks of [fetched, served]) await readBlocks(blocks, 0, FEW_BLOCKS);
  await node.worker.terminate();
  const [here, there] = await Promise.all(
    [fetched, served].map((blocks) => readUntilFailure(blocks, FEW_BLOCKS)),
  );
  assert.equal(here.code, 'ERR_PRODUCER_TERMINATED');
  yield ['terminated network', `${here.code} here, ${there.code} at the peer`];
  const atPeer = await ask(peer.control, 'countsOnceIdle');
  await node.chain.idle();
  yield ['requests to the peer', `${atPeer.begun} begun, ${atPeer.ended} ended`];
  const { begun, ended } = node.chain.counts;
  yield ['requests to the node', `${begun} begun, ${ended} ended`];
}
