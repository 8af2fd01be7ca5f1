// The settings that all threads share.

/** The bus over which the main thread asks its network for the blocks of peers. */
export const OUTGOING_BUS = 'lodestar.outgoing';
/** The bus over which the network asks the main thread for blocks that a peer wants. */
export const INCOMING_BUS = 'lodestar.incoming';
/** The bus over which main.mjs controls the other node. */
export const PEER_BUS = 'lodestar.peer';

/** The newest block of either node, which leaves more blocks than any buffers can hold. */
export const HEAD_SLOT = 1_000_000;

/** A caller reads only a few blocks ahead, and fails a request when the peer has been silent for long. */
export const CALLER_OPTIONS = Object.freeze({
  capacity: 16,
  maxBytes: 2 * 1024 * 1024,
  timeout: 60_000,
});
