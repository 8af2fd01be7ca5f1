'use strict';

// The answering half of streams over an event bus: see lib/bridge-caller.js.

const { IteratorEventType } = require('./bridge-caller.js');
const { handlerArguments } = require('./options.js');

class AsyncIterableBridgeHandler {
  #events;
  #handler;
  #toThreadBoundaryError;
  /** What is being iterated, by the id of its request. */
  #iterators = new Map();

  constructor(events, handler, options) {
    const { toThreadBoundaryError } = handlerArguments(events, handler, options);
    this.#events = events;
    this.#handler = handler;
    this.#toThreadBoundaryError = toThreadBoundaryError;
    events.onRequest((request) => {
      this.#answer(request);
    });
    events.onRequestCancel?.(({ id }) => this.#cancel(id));
  }

  /** How many requests are being answered. */
  get iteratingCount() {
    return this.#iterators.size;
  }

  /** Never rejects. */
  async #answer({ callArgs, id }) {
    let iterator;
    try {
      iterator = iteratorOf(this.#handler(callArgs));
      this.#iterators.set(id, iterator);
      for (;;) {
        const { value, done } = await iterator.next();
        // A request that was cancelled has nobody to hear of it.
        if (this.#iterators.get(id) !== iterator) return;
        if (done) break;
        this.#emit(IteratorEventType.next, id, { item: value });
      }
      this.#iterators.delete(id);
      this.#emit(IteratorEventType.done, id);
    } catch (reason) {
      if (iterator !== undefined && !this.#iterators.delete(id)) return;
      this.#emitError(id, reason);
      // What it gave could not be sent; where it has failed itself, this does nothing.
      leave(iterator);
    }
  }

  #cancel(id) {
    const iterator = this.#iterators.get(id);
    this.#iterators.delete(id);
    leave(iterator);
  }

  #emit(type, id, content) {
    this.#events.emitResponse({ type, id, ...content });
  }

  #emitError(id, reason) {
    try {
      this.#emit(IteratorEventType.error, id, { error: this.#toThreadBoundaryError(reason) });
    } catch (failure) {
      // The reason itself cannot cross: its text can.
      this.#emit(IteratorEventType.error, id, { error: new Error(String(failure)) });
    }
  }
}

function iteratorOf(iterable) {
  const method = iterable[Symbol.asyncIterator] ?? iterable[Symbol.iterator];
  return Reflect.apply(method, iterable, []);
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
