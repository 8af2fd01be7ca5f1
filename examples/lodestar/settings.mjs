// What the threads agree upon.

/** Over which the main thread asks its network for the blocks of peers. */
export const OUTGOING_BUS = 'lodestar.outgoing';
/** Over which the network asks the main thread for blocks that a peer wants. */
export const INCOMING_BUS = 'lodestar.incoming';
/** Over which main.mjs drives the other node. */
export const PEER_BUS = 'lodestar.peer';

/** The newest block of either node: more blocks than any buffers can hold. */
export const HEAD_SLOT = 1_000_000;

/** A few blocks ahead are enough; and a peer that is silent for long is given up. */
export const CALLER_OPTIONS = Object.freeze({
  capacity: 16,
  maxBytes: 2 * 1024 * 1024,
  timeout: 60_000,
});
