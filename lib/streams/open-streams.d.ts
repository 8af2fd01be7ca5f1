// The list of open streams.

import type { AsyncIterableBridge, BridgeStats } from '../../index.js';

/** A stream that has not ended, with its counters and its state. */
export interface OpenStream extends BridgeStats {
  /**
   * The function that created the stream: `'range'`, `'readLines'`, `'walk'`, `'createAsyncIterable'`;
   * `'channel'` for the receiver of a channel, also of a channel that an event bus creates;
   * `'AsyncIterableBridgeCaller'`. The streams of another addon have the name that its author gave them, or
   * the Rust type of their items.
   */
  kind: string;
  /**
   * The `threadId` (of `node:worker_threads`) of the consumer's thread. `undefined` for a channel whose
   * receiver was never opened.
   */
  threadId: number | undefined;
  /** Milliseconds since the stream was opened; for a channel without a receiver in this thread, since it was made. */
  age: number;
  /** Whether a consumer waits for an item of the stream. */
  isAwaited: boolean;
  /** The stream itself, if it is in this thread: the program can read it further, or leave it. */
  stream?: AsyncIterableBridge<unknown>;
  /** The stack of the call that opened it, if it is in this thread and `openStreams.captureStacks` was set then. */
  stack?: string;
}

/**
 * Returns the streams that are open: they have not failed, have not been left or forgotten, and their consumer
 * has not reached the end. The list serves to find streams that are stuck, or leak.
 *
 * It has all streams of this thread, also those of other addons of the crate. Of other threads, it has channels
 * and the streams that Rust feeds for this addon, without the stream itself; their `delivered` counts the batch
 * that is being read. Streams of `createAsyncIterable` and of Callers live within their thread, and only that
 * thread lists them.
 *
 * @example
 * ```js
 * console.table(openStreams(), ['kind', 'threadId', 'age', 'state', 'isAwaited', 'buffered']);
 * ```
 */
export const openStreams: {
  (): OpenStream[];
  /**
   * Whether to capture the stack of each call that opens a stream in this thread from now on. It costs several
   * microseconds and some memory for each stream.
   *
   * @defaultValue false
   */
  captureStacks: boolean;
};
