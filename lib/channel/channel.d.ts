// Channels: the types of lib/channel/channel.js.

import type { Worker } from 'node:worker_threads';
import type { AsyncIterableBridge, BridgeOptions } from '../../index.js';

declare const itemType: unique symbol;

// biome-ignore lint/complexity/noUselessEmptyExport: without it, all of a declaration file is exported
export {};

/**
 * The identifier of a channel in any thread of the process: a string, so that it goes through `workerData`,
 * `postMessage()` and everything else that carries text. Its type includes the type of the items.
 */
export type ChannelHandle<T> = string & { readonly [itemType]: T };

/**
 * The options of a {@link Channel}. The senders have started already, so `start` has no effect.
 * `capacity` and `maxBytes` bound the unread items of all senders together. Against `maxBytes`, an item
 * weighs the bytes that it takes as it crosses.
 */
export interface ChannelOptions extends BridgeOptions {
  /**
   * The number of senders: a positive integer. The stream ends when this number of senders have called
   * `done()`; no more can be opened.
   *
   * @defaultValue 1
   */
  senders?: number | undefined;
}

/** The options of {@link Channel.receiver}. */
export interface ReceiverOptions {
  /**
   * The worker that is to open the sender, or the workers, if the channel has several senders. When one of them
   * exits without having opened a sender, and a sender is still to be opened, the stream fails with
   * `ERR_PRODUCER_TERMINATED`, after the items that were sent. Nothing else changes: a worker that exits later ends
   * its sender, whether it is listed here or not.
   *
   * @defaultValue none: a worker that dies before it opens its sender is not noticed while another thread uses channels
   */
  worker?: Worker | readonly Worker[] | undefined;
}

/** The options of {@link Channel.sender}. */
export interface SenderOptions {
  /**
   * The worker that is to open the receiver. When it exits without having done so, the sender's `signal` aborts, and
   * the items that were sent are dropped.
   *
   * @defaultValue none: a worker that dies before it opens the receiver is not noticed
   */
  worker?: Worker | undefined;
}

/** A producer of a {@link Channel}, in any thread. Only {@link Channel.sender} creates senders. */
export interface Sender<T> {
  /**
   * Takes an item, as it is now, and returns whether to go on. The items of one turn of the event loop
   * cross together, at the end of the turn. A promise or thenable is awaited in its place; if it rejects,
   * the stream fails there with its reason.
   *
   * @returns `false` when the buffer is full: wait for `ready()`. The item was still taken or, with an
   * `overflow` that drops, the policy was applied. Also `false` after the end; then the item was not
   * taken.
   * @throws `ERR_QUEUE_FULL`, with `overflow: 'error'` and a full buffer, and a `DataCloneError` for an
   * item that cannot be cloned. The item was not taken, and the stream goes on.
   */
  push(item: T | PromiseLike<T>): boolean;

  /**
   * Takes an item once there is capacity, after the items of earlier calls.
   *
   * @returns A promise: of `true` when the item was taken or dropped by the `overflow` policy, and of
   * `false` when the stream has ended before. An item that is a promise is taken once it has crossed. The returned
   * promise rejects where `push()` throws.
   */
  send(item: T | PromiseLike<T>): Promise<boolean>;

  /**
   * Resolves with `true` when there is capacity, and with `false` when the stream has ended. The capacity for one
   * item stays with this sender until its next `push()`, or for one second.
   */
  ready(): Promise<boolean>;

  /**
   * Sends the taken items without waiting for the end of the turn, and resolves when all of them are in the
   * channel's buffer: also items that are promises, and those of a `send()` that waits. A message that is posted
   * afterwards arrives when the items are there.
   *
   * @returns A promise: of `true`, or of `false` when the stream has ended before and an item was lost.
   */
  flush(): Promise<boolean>;

  /**
   * Ends this sender after all its items, also those of a `send()` that still waits for capacity. A `ready()` that
   * waits resolves with `false`. The stream ends with the last of its senders.
   */
  done(): void;

  /**
   * Fails the stream for all senders, after the items that were sent: it rejects with `reason`. Errors
   * arrive with their class, if it is one of the language's own, their name, message, stack, code, cause
   * and own properties. A reason that cannot be cloned arrives as an error with its text and the code
   * `ERR_UNCLONEABLE_REASON`.
   */
  fail(reason?: unknown): void;

  /**
   * The signal that aborts when nothing is read any more: the consumer has left, its thread has ended, or the stream
   * has failed.
   */
  readonly signal: AbortSignal;
}

/**
 * A bounded stream from any threads of the process to one thread. The thread that creates it gives its `handle` to the
 * others.
 *
 * Items are copied as `structuredClone` copies them. Items that cannot be cloned are refused with a `DataCloneError`:
 * functions, symbols, proxies, shared memory, objects of the platform (Blob, URL, streams, ports, keys), and values
 * that are nested more than 1,024 deep. Instances of classes arrive as plain objects, and Buffers as Buffers. When the
 * thread of a sender ends without `done()` or `fail()`, or the sender is forgotten, the stream fails with
 * `ERR_PRODUCER_TERMINATED`, after the items that were sent.
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
   * Returns the channel of a handle, which any thread may have created.
   *
   * @throws `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE` for a value that is no handle, and
   * `ERR_CHANNEL_NOT_FOUND` when there is no such channel in this process, or it has ended. If the process has loaded
   * several copies of the package, whose channels are separate, the message names their files.
   */
  static from<T>(handle: ChannelHandle<T>): Channel<T>;

  /** Returns the handle for `Channel.from()`, in any thread. */
  get handle(): ChannelHandle<T>;

  /**
   * Opens the stream of the items that are sent. It belongs to this thread from here on.
   *
   * @throws `ERR_CHANNEL_IN_USE`, the second time, `ERR_CHANNEL_NOT_FOUND` after the end, and
   * `ERR_INVALID_ARG_TYPE`.
   */
  receiver(options?: ReceiverOptions): AsyncIterableBridge<T>;

  /**
   * Opens a sender, which belongs to this thread from here on.
   *
   * @throws `ERR_CHANNEL_IN_USE` when all senders that the option `senders` allows have been opened,
   * `ERR_CHANNEL_NOT_FOUND` after the end, and `ERR_INVALID_ARG_TYPE`.
   */
  sender(options?: SenderOptions): Sender<T>;
}
