// Streams over an event bus: what lib/bridge-caller.js, lib/bridge-handler.js and lib/event-bus give.

import type { AsyncIterableBridge, BridgeOptions } from '../index.js';

/** Asks for a stream. `id` is the Caller's: the events of the answer have it, too. */
export interface RequestEvent<Args> {
  /** What `getAsyncIterable` was given. */
  callArgs: Args;
  /** Tells the requests of one Caller apart. */
  id: number;
}

/** The requester has left: nothing more is to be sent for this request. */
export interface RequestCancelEvent {
  /** That of the request. */
  id: number;
}

/** What happens to a request, by the names that Lodestar has given it. */
export const IteratorEventType: {
  /** An item. */
  readonly next: 'iterator.next';
  /** The normal end. */
  readonly done: 'iterator.done';
  /** The end with an error. */
  readonly error: 'iterator.error';
};
/** Any of them. */
export type IteratorEventType = (typeof IteratorEventType)[keyof typeof IteratorEventType];
/** The single types, as those of an enum's members are written. */
export namespace IteratorEventType {
  /** That of an item. */
  export type next = 'iterator.next';
  /** That of the normal end. */
  export type done = 'iterator.done';
  /** That of the end with an error. */
  export type error = 'iterator.error';
}

/**
 * A part of an answer: any number of items, and then one of the others. `error` is what
 * `toThreadBoundaryError` has made of the reason.
 */
export type IteratorEvent<Item> =
  | { type: 'iterator.next'; id: number; item: Item }
  | { type: 'iterator.done'; id: number }
  | { type: 'iterator.error'; id: number; error: unknown };

/**
 * What carries requests and their answers, in order: two EventEmitters, the ends of a MessagePort, a
 * socket, or anything else that a program has already. {@link AsyncIterableBridgeCaller} and
 * {@link AsyncIterableBridgeHandler} each use their half of it.
 */
export interface AsyncIterableEventBus<Args, Item> {
  /**
   * Sends a request. If it throws or the promise that it returns rejects, the request fails with the
   * reason.
   */
  emitRequest(event: RequestEvent<Args>): unknown;

  /**
   * Sends a part of an answer. A bus that can wait returns a promise of the event being taken, which the
   * Handler awaits before it asks its iterator for another item; if it resolves with `false`, the
   * requester has left. If it throws or rejects, the request fails.
   */
  emitResponse(event: IteratorEvent<Item>): unknown;

  /** Calls the listener with every request that the other side sends. */
  onRequest(listener: (event: RequestEvent<Args>) => void): unknown;

  /**
   * Calls the listener with every part of an answer that the other side sends. The listener returns
   * `undefined`, or, when the buffer of the request is full, a promise: `true` when there is room again,
   * `false` when the request has ended. A bus that can wait brings nothing more for this request until
   * then.
   */
  onResponse(listener: (event: IteratorEvent<Item>) => Promise<boolean> | undefined): unknown;

  /** Says that a requester has left. Without it the other side cannot know, and goes on. */
  emitRequestCancel?(event: RequestCancelEvent): unknown;

  /** Calls the listener with every cancel that the other side sends. */
  onRequestCancel?(listener: (event: RequestCancelEvent) => void): unknown;

  /**
   * Whether the bus awaits what the listener of `onResponse` returns. If so, a full buffer makes the
   * handler wait. If not, it fails the request.
   *
   * @defaultValue false
   */
  readonly waitsForConsumer?: boolean | undefined;
}

/** Makes one form of an error of another. Its parameter may have whatever type the program knows it to have. */
export type ErrorConversion = { convert(error: unknown): unknown }['convert'];

/** The options of {@link AsyncIterableBridgeCaller}. They are those of each single request. */
export interface BridgeCallerOptions {
  /**
   * The most items that wait for the consumer: a positive integer. Beyond that, a bus that waits makes
   * the handler wait. On any other the request fails with `ERR_QUEUE_FULL`, after the items that it has,
   * and is cancelled.
   *
   * @defaultValue 1024 on a bus that waits, otherwise 65536
   */
  capacity?: number | undefined;
  /**
   * The most bytes that wait for the consumer, like `capacity`. A string weighs its length, a typed array
   * or buffer its bytes, an object as much as its own fields and 8 for itself, anything else 8.
   *
   * @defaultValue 16777216 (16 MiB) on a bus that waits, otherwise 67108864 (64 MiB)
   */
  maxBytes?: number | undefined;
  /** As for every stream. */
  timeSlice?: BridgeOptions['timeSlice'];
  /**
   * Milliseconds, more than 0 and up to 2147483647, after which a request for which nothing has come
   * fails with `ERR_REQUEST_TIMEOUT`, and is cancelled. The time begins anew with everything that comes,
   * and stands still while the buffer is full. A `next()` that waits for it keeps the process alive.
   *
   * @defaultValue none
   */
  timeout?: number | undefined;
  /**
   * Makes the reason with which a request fails of what `toThreadBoundaryError` of the other side has
   * made. If it throws, the request fails with what it throws.
   *
   * @defaultValue the error as it has come
   */
  fromThreadBoundaryError?: ErrorConversion | undefined;
}

/** The options of {@link AsyncIterableBridgeHandler}. */
export interface BridgeHandlerOptions {
  /**
   * Makes what the bus carries of the reason with which an answer has failed. If it throws, that is sent.
   *
   * @defaultValue the reason as it is
   */
  toThreadBoundaryError?: ErrorConversion | undefined;
}

/**
 * Asks for streams over an event bus. A drop-in replacement for the class of this name in Lodestar.
 *
 * @example
 * ```js
 * const caller = new AsyncIterableBridgeCaller(bus, { timeout: 10_000 });
 * for await (const block of caller.getAsyncIterable({ from: 1, to: 64 })) console.log(block);
 * ```
 */
export class AsyncIterableBridgeCaller<Args, Item> {
  /** @throws `ERR_INVALID_ARG_TYPE` or `ERR_OUT_OF_RANGE`. */
  constructor(
    events: Pick<
      AsyncIterableEventBus<Args, Item>,
      'emitRequest' | 'onResponse' | 'emitRequestCancel' | 'waitsForConsumer'
    >,
    options?: BridgeCallerOptions,
  );

  /**
   * How many requests have neither ended nor been left. Over a bus of `createEventBus()`, whose responses the
   * consumer reads directly, a request has ended when its consumer has seen the end.
   */
  get pendingCount(): number;

  /**
   * An iterable, each iterator of which is a request of its own, sent when the iterator is made. Leaving
   * the iterator cancels the request, and so does forgetting it.
   */
  getAsyncIterable(callArgs: Args): {
    [Symbol.asyncIterator](): AsyncIterableBridge<Item>;
  };
}

/**
 * Answers the requests that come over an event bus. A drop-in replacement for the class of this name in
 * Lodestar.
 *
 * @example
 * ```js
 * new AsyncIterableBridgeHandler(bus, async function* ({ from, to }) {
 *   for (let slot = from; slot < to; slot++) yield await readBlock(slot);
 * });
 * ```
 */
export class AsyncIterableBridgeHandler<Args, Item> {
  /**
   * @param handler - Called once for each request. Its iterator is asked for one item after another, and
   * left by `return()` when the requester leaves or an item cannot be sent.
   * @throws `ERR_INVALID_ARG_TYPE`.
   */
  constructor(
    events: Pick<
      AsyncIterableEventBus<Args, Item>,
      'onRequest' | 'emitResponse' | 'onRequestCancel'
    >,
    handler: (callArgs: Args) => AsyncIterable<Item> | Iterable<Item>,
    options?: BridgeHandlerOptions,
  );

  /** How many requests are being answered. */
  get iteratingCount(): number;
}

/**
 * An event bus over channels: all buses of one name in the process are the same, in whatever thread, with nothing
 * to be wired. Only {@link createEventBus} makes them. A Caller and a Handler use it as any other; its methods are
 * also there for what a program has in their place.
 *
 * - Requests wait for a handler, if there is none yet. One thread handles those of a name.
 * - Any number of callers, in any threads, each with a bus of its own, share it. A response reaches only its caller.
 * - Each response has the backpressure of a channel: a consumer that stops makes its handler wait, and no other.
 * - A consumer that leaves, or whose thread ends, is a cancel. When the thread of the handler ends, all requests that
 *   it has not answered fail with `ERR_PRODUCER_TERMINATED`, after the items that it has sent.
 * - Two copies of the package in one process, as in a monorepo, have buses of their own. A request that finds no handler
 *   then gives a warning, `ASYNC_ITERABLE_BRIDGE_COPIES`, which names the files of the copies.
 * - What crosses is copied as the items of a {@link Channel} are, and errors arrive as those of `fail()` do.
 */
export interface EventBus<Args, Item> extends AsyncIterableEventBus<Args, Item> {
  /** What it was created by: all buses of this name in the process are one. */
  readonly name: string;

  /** What the listener of `onResponse` returns is awaited before the next item of that response. */
  readonly waitsForConsumer: true;

  /**
   * Sends a request. It is pending until its last event, or its cancel.
   *
   * @throws `ERR_REQUEST_PENDING` when another request of this id is pending on this bus, a
   * `DataCloneError` when `callArgs` cannot be cloned, and `ERR_EVENT_BUS_CLOSED` after `close()`.
   */
  emitRequest(event: RequestEvent<Args>): void;

  /** Says that nobody wants the rest of a response, of which nothing more is told. */
  emitRequestCancel(event: RequestCancelEvent): Promise<void>;

  /**
   * Sends a part of a response.
   *
   * @returns A promise, where the response has no more room: `true` as soon as it has, `false` when nobody reads
   * it any more. The item was taken all the same, as by the `push()` of a {@link Sender}.
   * @throws A `DataCloneError` for an item that cannot be cloned. The response goes on.
   */
  emitResponse(event: IteratorEvent<Item>): Promise<boolean> | undefined;

  /** Calls the listener with each event of the responses to requests of this bus. */
  onResponse(listener: (event: IteratorEvent<Item>) => unknown): void;

  /**
   * Handles the requests of all buses of this name from here on. What the listener throws fails its request. The
   * ids are those of the handler, not those of the callers.
   *
   * @throws `ERR_EVENT_BUS_IN_USE` while another bus handles them, and `ERR_EVENT_BUS_CLOSED` after `close()`.
   */
  onRequest(listener: (event: RequestEvent<Args>) => void): void;

  /** Calls the listener when somebody has left whom this bus answers. */
  onRequestCancel(listener: (event: RequestCancelEvent) => void): void;

  /**
   * Sends and handles no more requests. Those that have begun go on, on both sides; those that have come and have
   * not begun fail with `ERR_PRODUCER_TERMINATED`. Afterwards another bus can handle the requests of the name.
   */
  close(): void;
}

/**
 * The event bus of a name, which any other thread of the process gets, too.
 *
 * @param name - Not empty. What is measured is measured by name and kept until the process ends, so names are to be
 * few.
 * @throws `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE`.
 *
 * @example
 * ```js
 * // worker.mjs
 * new AsyncIterableBridgeHandler(createEventBus('blocks'), async function* ({ from, to }) {
 *   for (let slot = from; slot < to; slot++) yield await readBlock(slot);
 * });
 *
 * // main.mjs
 * new Worker('./worker.mjs');
 * const caller = new AsyncIterableBridgeCaller(createEventBus('blocks'));
 * for await (const block of caller.getAsyncIterable({ from: 1, to: 64 })) console.log(block);
 * ```
 */
export function createEventBus<Args, Item>(name: string): EventBus<Args, Item>;

/**
 * What is measured of the requests over all event buses of the process, from whatever thread it is asked: the text
 * format of Prometheus, version 0.0.4. Their names are in
 * [the list of metrics](https://github.com/async-iterable-bridge/async-iterable-bridge/blob/main/docs/metrics.md).
 *
 * @example
 * ```js
 * response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
 * response.end(eventBusMetrics());
 * ```
 */
export function eventBusMetrics(): string;
