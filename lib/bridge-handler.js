'use strict';

// The answering half of streams over an event bus: see lib/bridge-caller.js.
//
// An answer ends once: by its iterator, by an item that the bus does not take, or by the requester, who
// cancels. After a cancel nothing more is emitted for it.

const { inspect } = require('node:util');
const { IteratorEventType } = require('./iterator-event-type.js');
const { handlerArguments } = require('./options.js');
const { stackReserve } = require('./runtime.js');

// Tests replace the global ones with clocks that stand still, and an answer must not stop with them.
const { setImmediate } = globalThis;
const now = performance.now.bind(performance);

/**
 * Milliseconds of answering without a turn of the event loop. Items that are always ready would keep
 * the cancel of their own request from ever being heard.
 */
const TIME_SLICE = 5;

/** Items between two looks at the clock, which cost more than the rest. */
const LOOK_EVERY = 16;

const reserveForRequest = stackReserve();

const turn = () => new Promise((resolve) => setImmediate(resolve));

class AsyncIterableBridgeHandler {
  #events;
  #handler;
  #toThreadBoundaryError;
  /** The answers that go on, by the id of their request: `{ iterator, isWanted }`. */
  #answers = new Map();

  constructor(events, handler, options) {
    const { toThreadBoundaryError } = handlerArguments(events, handler, options);
    this.#events = events;
    this.#handler = handler;
    this.#toThreadBoundaryError = toThreadBoundaryError;
    events.onRequest((request) => {
      reserveForRequest();
      this.#answer(request);
    });
    events.onRequestCancel?.(({ id }) => this.#cancel(id));
  }

  /** How many requests are being answered. */
  get iteratingCount() {
    return this.#answers.size;
  }

  /** Rejects when the bus does not even take the news of a failure: there is nobody else to tell. */
  async #answer({ callArgs, id }) {
    // Whoever uses an id again has left the request that had it.
    this.#cancel(id);
    const answer = { iterator: undefined, isWanted: true };
    this.#answers.set(id, answer);
    let failure;
    try {
      answer.iterator = iteratorOf(this.#handler(callArgs));
      // It was cancelled before there was an iterator to be told.
      if (!answer.isWanted) leave(answer.iterator);
      await this.#emitItems(id, answer);
    } catch (reason) {
      failure = { reason };
      // Where the handler has filled the stack, nothing can be emitted.
      await undefined;
    }
    if (!answer.isWanted) return;
    this.#answers.delete(id);
    await this.#emitEnd(id, failure);
  }

  /** Until the iterator is done, or nobody wants more of it. */
  async #emitItems(id, answer) {
    let sliceStart = now();
    for (let count = 1; answer.isWanted; count++) {
      const { value, done } = await answer.iterator.next();
      if (done || !answer.isWanted) return;
      try {
        const taken = this.#events.emitResponse({ type: IteratorEventType.next, id, item: value });
        // A plain emitter answers whether it has listeners. Only a promise speaks of the requester.
        if (isThenable(taken) && (await taken) === false) this.#cancel(id);
      } catch (reason) {
        if (answer.isWanted) leave(answer.iterator);
        throw portable(reason);
      }
      if (count % LOOK_EVERY !== 0 || now() - sliceStart < TIME_SLICE) continue;
      await turn();
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
      // Where a reason cannot cross, its text can.
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

const isThenable = (value) => typeof value?.then === 'function';

function iteratorOf(iterable) {
  const method = iterable[Symbol.asyncIterator];
  return method === undefined ? eachOf(iterable) : Reflect.apply(method, iterable, []);
}

async function* eachOf(iterable) {
  yield* iterable;
}

/** What any bus carries of a reason: an Error with its name, message and code. */
function portable(reason) {
  const isError = typeof reason?.message === 'string';
  const error = new Error(isError ? reason.message : inspect(reason));
  if (!isError) return error;
  error.name = String(reason.name);
  if (reason.code !== undefined) error.code = reason.code;
  return error;
}

/** Tells an iterator that nobody will ask it any more. What its cleanup throws, nobody can be told. */
async function leave(iterator) {
  try {
    await iterator?.return?.();
  } catch {
    // As said.
  }
}

module.exports = { AsyncIterableBridgeHandler };
