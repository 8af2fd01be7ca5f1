// Streams over an event bus: the types of lib/requests/caller.js, lib/requests/handler.js and lib/requests/event-bus.

import type { AsyncIterableBridge, BridgeOptions } from '../../index.js';

/** A request for a stream. The Caller chooses the `id`: the events of the answer have it, too. */
export interface RequestEvent<Args> {
  /** The argument of `getAsyncIterable`. */
  callArgs: Args;
  /** The number of the request, which is unique among the requests of one Caller. */
  id: number;
}

/** The cancel of a requester that has left: nothing more is to be sent for this request. */
export interface RequestCancelEvent {
  /** The `id` of the request. */
  id: number;
}

/** The types of the events of an answer, with the names that Lodestar has given them. */
export const IteratorEventType: {
  /** An item. */
  readonly next: 'iterator.next';
  /** The normal end. */
  readonly done: 'iterator.done';
  /** The end with an error. */
  readonly error: 'iterator.error';
};
/** Any of the event types. */
export type IteratorEventType = (typeof IteratorEventType)[keyof typeof IteratorEventType];
/** The single event types, written like the types of an enum's members. */
export namespace IteratorEventType {
  /** The type of an item. */
  export type next = 'iterator.next';
  /** The type of the normal end. */
  export type done = 'iterator.done';
  /** The type of the end with an error. */
  export type error = 'iterator.error';
}

/**
 * A part of an answer. An answer is any number of items, and then one of the others. `error` is the
 * result of `toThreadBoundaryError` for the reason.
 */
export type IteratorEvent<Item> =
  | { type: 'iterator.next'; id: number; item: Item }
  | { type: 'iterator.done'; id: number }
  | { type: 'iterator.error'; id: number; error: unknown };

/**
 * A carrier of requests and their answers, in order: two EventEmitters, the ends of a MessagePort, a
 * socket, or anything else that a program has already. {@link AsyncIterableBridgeCaller} and
 * {@link AsyncIterableBridgeHandler} each use their half of it.
 */
export interface AsyncIterableEventBus<Args, Item> {
  /**
   * Sends a request. If it throws, or if the promise that it returns rejects, the request fails with
   * the reason.
   */
  emitRequest(event: RequestEvent<Args>): unknown;

  /**
   * Sends a part of an answer. A bus that can wait returns a promise, which resolves when the event is
   * taken. The Handler awaits it before it asks its iterator for another item. If the promise resolves with
   * `false`, the requester has left. If the method throws or the promise rejects, the request fails.
   */
  emitResponse(event: IteratorEvent<Item>): unknown;

  /** Calls the listener with every request that the other side sends. */
  onRequest(listener: (event: RequestEvent<Args>) => void): unknown;

  /**
   * Calls the listener with every part of an answer that the other side sends. The listener returns
   * `undefined` or, when the buffer of the request is full, a promise: of `true` when there is capacity
   * again, of `false` when the request has ended. Until then, a bus that can wait delivers nothing more
   * for this request.
   */
  onResponse(listener: (event: IteratorEvent<Item>) => Promise<boolean> | undefined): unknown;

  /** Reports that a requester has left. Without this method the other side cannot know, and goes on. */
  emitRequestCancel?(event: RequestCancelEvent): unknown;

  /** Calls the listener with every cancel that the other side sends. */
  onRequestCancel?(listener: (event: RequestCancelEvent) => void): unknown;

  /**
   * Whether the bus awaits the promise that the listener of `onResponse` returns. If so, a full buffer
   * makes the handler wait. If not, a full buffer fails the request.
   *
   * @defaultValue false
   */
  readonly waitsForConsumer?: boolean | undefined;
}

/** A function that converts one form of an error to another. Its parameter may have any type that the program knows. */
export type ErrorConversion = { convert(error: unknown): unknown }['convert'];

/** The options of {@link AsyncIterableBridgeCaller}. They apply to each single request. */
export interface BridgeCallerOptions {
  /**
   * The most items that wait for the consumer: a positive integer. Beyond that, a bus that waits makes
   * the handler wait. On any other bus the request fails with `ERR_QUEUE_FULL`, after the items that it
   * has, and is cancelled.
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
  /** The time slice, as for every stream. */
  timeSlice?: BridgeOptions['timeSlice'];
  /**
   * Milliseconds, more than 0 and up to 2147483647. A request that receives nothing for this time fails
   * with `ERR_REQUEST_TIMEOUT`, and is cancelled. The time starts again with every event that arrives,
   * and does not run while the buffer is full. A `next()` that waits for it keeps the process alive.
   *
   * @defaultValue none
   */
  timeout?: number | undefined;
  /**
   * The function that converts the result of the other side's `toThreadBoundaryError` to the reason of
   * the request's failure. If it throws, the request fails with the error that it throws.
   *
   * @defaultValue the error as it has come
   */
  fromThreadBoundaryError?: ErrorConversion | undefined;
}

/** The options of {@link AsyncIterableBridgeHandler}. */
export interface BridgeHandlerOptions {
  /**
   * The function that converts the reason of an answer's failure to a value that the bus carries. If it
   * throws, the error that it throws is sent.
   *
   * @defaultValue the reason as it is
   */
  toThreadBoundaryError?: ErrorConversion | undefined;
}

/**
 * The requesting half of streams over an event bus. A drop-in replacement for the class of this name in
 * Lodestar.
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
   * Returns the number of requests that have neither ended nor been left. Over a bus of `createEventBus()`, whose
   * responses the consumer reads directly, a request has ended when its consumer has seen the end.
   */
  get pendingCount(): number;

  /**
   * Returns an iterable. Each of its iterators is a request of its own, sent when the iterator is created.
   * Leaving the iterator cancels the request, and so does forgetting it.
   */
  getAsyncIterable(callArgs: Args): {
    [Symbol.asyncIterator](): AsyncIterableBridge<Item>;
  };
}

/**
 * The answering half of streams over an event bus. A drop-in replacement for the class of this name in
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
   * @param handler - Called once for each request. The Handler asks its iterator for one item after another,
   * and calls its `return()` when the requester leaves or an item cannot be sent.
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

  /** Returns the number of requests that are being answered. */
  get iteratingCount(): number;
}

/**
 * An event bus over channels: all buses of one name in the process are the same, in any thread, without wiring. Only
 * {@link createEventBus} creates them. A Caller and a Handler use it like any other bus; a program may also call its
 * methods itself, in their place.
 *
 * - Requests wait for a handler, if there is none yet. One thread handles the requests of a name.
 * - Any number of callers, in any threads, each with a bus of its own, share it. A response reaches only its caller.
 * - Each response has the backpressure of a channel: a consumer that stops makes its handler wait, and no other.
 * - A consumer that leaves, or whose thread ends, cancels its request. When the thread of the handler ends, all
 *   requests that it has not answered fail with `ERR_PRODUCER_TERMINATED`, after the items that it has sent.
 * - Two copies of the package in one process, as in a monorepo, have buses of their own. A request that finds no handler
 *   then gives a warning, `ASYNC_ITERABLE_BRIDGE_COPIES`, which names the files of the copies.
 * - Arguments and items are copied as the items of a {@link Channel} are, and errors arrive as those of `fail()` do.
 */
export interface EventBus<Args, Item> extends AsyncIterableEventBus<Args, Item> {
  /** The name that it was created with: all buses of this name in the process are one. */
  readonly name: string;

  /** Always `true`: the bus awaits the result of the listener of `onResponse` before the next item of that response. */
  readonly waitsForConsumer: true;

  /**
   * Sends a request. It is pending until its last event, or its cancel.
   *
   * @throws `ERR_REQUEST_PENDING` when another request of this id is pending on this bus, a
   * `DataCloneError` when `callArgs` cannot be cloned, and `ERR_EVENT_BUS_CLOSED` after `close()`.
   */
  emitRequest(event: RequestEvent<Args>): void;

  /** Cancels a request. The bus delivers no more events of its response. */
  emitRequestCancel(event: RequestCancelEvent): Promise<void>;

  /**
   * Sends a part of a response.
   *
   * @returns A promise, if the response has no more capacity: of `true` as soon as it has, of `false` when no
   * consumer reads it any more. The item was still taken, as by the `push()` of a {@link Sender}.
   * @throws A `DataCloneError` for an item that cannot be cloned. The response goes on.
   */
  emitResponse(event: IteratorEvent<Item>): Promise<boolean> | undefined;

  /** Calls the listener with each event of the responses to requests of this bus. */
  onResponse(listener: (event: IteratorEvent<Item>) => unknown): void;

  /**
   * Handles the requests of all buses of this name from here on. An error that the listener throws fails its request.
   * The ids are those of the handler, not those of the callers.
   *
   * @throws `ERR_EVENT_BUS_IN_USE` while another bus handles them, and `ERR_EVENT_BUS_CLOSED` after `close()`.
   */
  onRequest(listener: (event: RequestEvent<Args>) => void): void;

  /** Calls the listener when the requester of a response of this bus has left. */
  onRequestCancel(listener: (event: RequestCancelEvent) => void): void;

  /**
   * Closes the bus: it sends and handles no more requests. Requests that have begun go on, on both sides; requests
   * that have arrived and have not begun fail with `ERR_PRODUCER_TERMINATED`. Afterwards another bus can handle the
   * requests of the name.
   */
  close(): void;
}

/**
 * Returns the event bus of a name. Any other thread of the process gets the same bus by this name.
 *
 * @param name - Not empty. Metrics are kept for each name until the process ends, so a program should use few names.
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
 * Returns the metrics of the requests over all event buses of the process, called in any thread, in the text format of
 * Prometheus, version 0.0.4. Their names are in
 * [the list of metrics](https://github.com/async-iterable-bridge/async-iterable-bridge/blob/main/docs/metrics.md).
 *
 * @example
 * ```js
 * response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
 * response.end(eventBusMetrics());
 * ```
 */
export function eventBusMetrics(): string;
