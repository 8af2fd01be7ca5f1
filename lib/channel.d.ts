// Channels: what lib/channel/channel.js gives.

import type { Worker } from 'node:worker_threads';
import type { AsyncIterableBridge, BridgeOptions } from '../index.js';

declare const itemType: unique symbol;

// biome-ignore lint/complexity/noUselessEmptyExport: without it, all of a declaration file is exported
export {};

/**
 * What finds a channel in any thread of the process: a string, so that it goes through `workerData`,
 * `postMessage()` and everything else that carries text. Its type remembers that of the items.
 */
export type ChannelHandle<T> = string & { readonly [itemType]: T };

/**
 * The options of a {@link Channel}. Whoever sends has started already, so `start` has no effect.
 * `capacity` and `maxBytes` bound what all senders together have sent and nobody has read. Against
 * `maxBytes`, an item weighs what it takes as it crosses.
 */
export interface ChannelOptions extends BridgeOptions {
  /**
   * How many senders there will be: a positive integer. The stream ends when as many have called
   * `done()`; no more can be opened.
   *
   * @defaultValue 1
   */
  senders?: number | undefined;
}

/** The options of {@link Channel.receiver}. */
export interface ReceiverOptions {
  /**
   * The worker that is to open the sender, or the workers, where the channel has several senders. When one of them
   * exits without having opened a sender, and one is still to be opened, the stream fails with
   * `ERR_PRODUCER_TERMINATED`, after what was sent. Nothing else changes: a worker that exits later ends its sender,
   * tied or not.
   *
   * @defaultValue none: a worker that dies before it opens its sender is not noticed while another thread uses channels
   */
  worker?: Worker | readonly Worker[] | undefined;
}

/** The options of {@link Channel.sender}. */
export interface SenderOptions {
  /**
   * The worker that is to open the receiver. When it exits without having done so, the sender's `signal` aborts, and
   * what was sent is dropped.
   *
   * @defaultValue none: a worker that dies before it opens the receiver is not noticed
   */
  worker?: Worker | undefined;
}

/** One that feeds a {@link Channel}, in whatever thread. Only {@link Channel.sender} makes them. */
export interface Sender<T> {
  /**
   * Takes an item, as it is now, and says whether to go on. What one turn of the event loop has pushed
   * crosses at once, at its end. A promise or thenable is awaited in its place; if it rejects, the
   * stream fails there with its reason.
   *
   * @returns `false` when the buffer is full: wait for `ready()`. The item was taken all the same,
   * or, with an `overflow` that drops, the policy was followed. `false` after the end, too, and then
   * the item was not taken.
   * @throws `ERR_QUEUE_FULL`, with `overflow: 'error'` and a full buffer, and a `DataCloneError` for an
   * item that cannot be cloned. The item was not taken, and the stream goes on.
   */
  push(item: T | PromiseLike<T>): boolean;

  /**
   * Takes an item once there is capacity, after those of earlier calls.
   *
   * @returns A promise: of `true` when the item was taken or dropped by the `overflow` policy, and of
   * `false` when the stream has ended before. An item that is a promise was taken once it has crossed. It rejects
   * where `push()` throws.
   */
  send(item: T | PromiseLike<T>): Promise<boolean>;

  /**
   * Resolves with `true` when there is capacity, and with `false` when the stream has ended. The capacity for one
   * item stays with this sender until its next `push()`, or for one second.
   */
  ready(): Promise<boolean>;

  /**
   * Hands over what was taken, without waiting for the end of the turn, and resolves when all of it is in the
   * channel's buffer: also items that are promises, and those of a `send()` that waits. A message that is posted
   * afterwards arrives when the items are there.
   *
   * @returns A promise: of `true`, or of `false` when the stream has ended before and an item was lost.
   */
  flush(): Promise<boolean>;

  /**
   * Ends this sender after all that it was given, also by a `send()` that still waits for room; a `ready()` that
   * waits resolves with `false`. The stream ends with the last of its senders.
   */
  done(): void;

  /**
   * Ends the stream for all senders, after what was sent, with a rejection with `reason`. Errors arrive
   * with their class, if it is one of the language's own, their name, message, stack, code, cause and own
   * properties. A reason that cannot be cloned arrives as an error with its text,
   * `ERR_UNCLONEABLE_REASON`.
   */
  fail(reason?: unknown): void;

  /** Aborts when nothing is read any more: the consumer has left, its thread has ended, or the stream has failed. */
  readonly signal: AbortSignal;
}

/**
 * A bounded stream from any threads of the process to one. Whoever makes it gives its `handle` to the others.
 *
 * Items are copied as `structuredClone` copies them. What cannot be cloned is refused with a `DataCloneError`:
 * functions, symbols, proxies, shared memory, objects of the platform (Blob, URL, streams, ports, keys), and what is
 * nested more than 1,024 deep. Instances of classes arrive as plain objects, and Buffers as Buffers. When the thread of a sender ends without `done()` or `fail()`, or
 * the sender is forgotten, the stream fails with `ERR_PRODUCER_TERMINATED`, after what was sent.
 *
 * @example
 * ```js
 * const channel = new Channel({ capacity: 64 });
 * new Worker('./worker.mjs', { workerData: channel.handle });
 * for await (const item of channel.receiver()) console.log(item);
 *
 * // worker.mjs
 * const sender = Channel.from(workerData).sender();
 * for (const item of items) if (!(await sender.send(item))) break; // the consumer has left
 * sender.done();
 * ```
 */
export class Channel<T> {
  /** @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` or `ERR_INVALID_ARG_VALUE`. */
  constructor(options?: ChannelOptions);

  /**
   * The channel of a handle, in whatever thread it was made.
   *
   * @throws `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE` for what is no handle, and
   * `ERR_CHANNEL_NOT_FOUND` when there is no such channel in this process, or it has ended. If the process has loaded
   * several copies of the package, whose channels are apart, the message names their files.
   */
  static from<T>(handle: ChannelHandle<T>): Channel<T>;

  /** For `Channel.from()`, in any thread. */
  get handle(): ChannelHandle<T>;

  /**
   * The stream of what is sent. It belongs to this thread from here on.
   *
   * @throws `ERR_CHANNEL_IN_USE`, the second time, `ERR_CHANNEL_NOT_FOUND` after the end, and
   * `ERR_INVALID_ARG_TYPE`.
   */
  receiver(options?: ReceiverOptions): AsyncIterableBridge<T>;

  /**
   * A sender, which belongs to this thread from here on.
   *
   * @throws `ERR_CHANNEL_IN_USE` when as many as `senders` says have been opened,
   * `ERR_CHANNEL_NOT_FOUND` after the end, and `ERR_INVALID_ARG_TYPE`.
   */
  sender(options?: SenderOptions): Sender<T>;
}
