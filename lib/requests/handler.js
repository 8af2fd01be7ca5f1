'use strict';

// The answering half of streams over an event bus: see lib/requests/caller.js.
//
// An answer ends once: its iterator ends, the bus does not take an item, or the requester cancels. After a
// cancel the Handler emits nothing more for it.

const { inspect } = require('node:util');
const { IteratorEventType } = require('./iterator-event-type.js');
const { handlerArguments } = require('../support/options.js');
const { stackReserve } = require('../addon/runtime.js');
const { isThenable } = require('../support/thenable.js');

// Tests replace the globals with clocks that stand still. An answer must not stop with them.
const { setImmediate } = globalThis;
const now = performance.now.bind(performance);

/**
 * The milliseconds of answering without a turn of the event loop. With no such turn, the Handler would
 * never receive the cancel of a request while the items of its answer are always ready.
 */
const TIME_SLICE = 5;

/** The number of items between two readings of the clock. A reading costs more than the rest of the loop. */
const CLOCK_STRIDE = 16;

const reserveStack = stackReserve();

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

class AsyncIterableBridgeHandler {
  #events;
  #handler;
  #toThreadBoundaryError;
  /** The answers in progress, by the id of their request: `{ iterator, isWanted }`. */
  #answers = new Map();

  constructor(events, handler, options) {
    const { toThreadBoundaryError } = handlerArguments(events, handler, options);
    this.#events = events;
    this.#handler = handler;
    this.#toThreadBoundaryError = toThreadBoundaryError;
    events.onRequest((request) => {
      reserveStack();
      this.#answer(request);
    });
    events.onRequestCancel?.(({ id }) => this.#cancel(id));
  }

  /** Returns the number of requests that are being answered. */
  get iteratingCount() {
    return this.#answers.size;
  }

  /** Answers a request. Rejects when the bus does not even take the event of a failure: no other report is possible. */
  async #answer({ callArgs, id }) {
    // A requester that uses an id again has left the earlier request of this id.
    this.#cancel(id);
    const answer = { iterator: undefined, isWanted: true };
    this.#answers.set(id, answer);
    let failure;
    try {
      answer.iterator = iteratorOf(this.#handler(callArgs));
      // The cancel came before there was an iterator to leave.
      if (!answer.isWanted) leave(answer.iterator);
      await this.#emitItems(id, answer);
    } catch (reason) {
      failure = { reason };
      // If the handler has filled the stack, nothing can be emitted before the stack unwinds.
      await undefined;
    }
    if (!answer.isWanted) return;
    this.#answers.delete(id);
    await this.#emitEnd(id, failure);
  }

  /** Emits items until the iterator is done or the answer is cancelled. */
  async #emitItems(id, answer) {
    let sliceStart = now();
    for (let count = 1; answer.isWanted; count++) {
      const { value, done } = await answer.iterator.next();
      if (done || !answer.isWanted) return;
      try {
        const taken = this.#events.emitResponse({ type: IteratorEventType.next, id, item: value });
        // A plain emitter returns whether it has listeners. Only a promise reports on the requester.
        if (isThenable(taken) && (await taken) === false) this.#cancel(id);
      } catch (reason) {
        if (answer.isWanted) leave(answer.iterator);
        throw portable(reason);
      }
      if (count % CLOCK_STRIDE !== 0 || now() - sliceStart < TIME_SLICE) continue;
      await nextTurn();
      sliceStart = now();
    }
  }

  async #emitEnd(id, failure) {
    try {
      const end = { type: IteratorEventType.done, id };
      await this.#events.emitResponse(
        failure === undefined ? end : this.#errorEvent(id, failure.reason),
      );
    } catch (unsent) {
      // If a reason cannot cross, its text can.
      const reason = failure === undefined ? unsent : failure.reason;
      await this.#events.emitResponse(this.#errorEvent(id, portable(reason)));
    }
  }

  #errorEvent(id, reason) {
    const event = { type: IteratorEventType.error, id };
    try {
      return { ...event, error: this.#toThreadBoundaryError(reason) };
    } catch (failure) {
      return { ...event, error: failure }; // of the conversion
    }
  }

  #cancel(id) {
    const answer = this.#answers.get(id);
    if (answer === undefined) return;
    this.#answers.delete(id);
    answer.isWanted = false;
    leave(answer.iterator);
  }
}

function iteratorOf(iterable) {
  const method = iterable[Symbol.asyncIterator];
  return method === undefined ? eachOf(iterable) : Reflect.apply(method, iterable, []);
}

async function* eachOf(iterable) {
  yield* iterable;
}

/** Returns the form of a reason that any bus carries: an Error with its name, message and code. */
function portable(reason) {
  const isError = typeof reason?.message === 'string';
  const error = new Error(isError ? reason.message : inspect(reason));
  if (!isError) return error;
  error.name = String(reason.name);
  if (reason.code !== undefined) error.code = reason.code;
  return error;
}

/** Calls `return()` of an iterator that will be read no further. An error of its cleanup has no recipient. */
async function leave(iterator) {
  try {
    await iterator?.return?.();
  } catch {
    // Ignored, as the comment above says.
  }
}

module.exports = { AsyncIterableBridgeHandler };
