// The list of open streams.

import type { AsyncIterableBridge, BridgeStats } from '../index.js';

/** A stream that has not come to its end, with what it has done so far. */
export interface OpenStream extends BridgeStats {
  /**
   * The function that made it: `'range'`, `'readLines'`, `'walk'`, `'createAsyncIterable'`; `'channel'` for
   * the receiver of a channel, also of those that an event bus makes; `'AsyncIterableBridgeCaller'`. The
   * streams of another addon have the name that its author gave them, or the Rust type of their items.
   */
  kind: string;
  /**
   * The thread of its consumer, by its `threadId` of `node:worker_threads`. `undefined` for a channel whose
   * receiver was never opened.
   */
  threadId: number | undefined;
  /** Milliseconds since it was opened; a channel without a receiver in this thread, since it was made. */
  age: number;
  /** Whether a consumer waits for it. */
  isAwaited: boolean;
  /** The stream itself, if it is in this thread: it can be asked for more, or left. */
  stream?: AsyncIterableBridge<unknown>;
  /** Where it was opened, if it is in this thread and `openStreams.captureStacks` was set then. */
  stack?: string;
}

/**
 * The streams that are open: which have not failed, have not been left or forgotten, and whose consumer has
 * not come to the end. For finding those that are stuck, or leak.
 *
 * Of this thread, all are listed, those of other addons of the crate as well. Of other threads, those that
 * Rust feeds for this addon and channels are, without the stream itself; their `delivered` counts the batch
 * that is being read. Streams of `createAsyncIterable` and of Callers live within their thread, and only that
 * one lists them.
 *
 * @example
 * ```js
 * console.table(openStreams(), ['kind', 'threadId', 'age', 'state', 'isAwaited', 'buffered']);
 * ```
 */
export const openStreams: {
  (): OpenStream[];
  /**
   * Whether the stack is captured of each stream that is opened in this thread from now on. It costs several
   * microseconds and some memory for each.
   *
   * @defaultValue false
   */
  captureStacks: boolean;
};
