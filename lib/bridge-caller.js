'use strict';

// The asking half of streams over an event bus: requests go out, and what comes back for each is its
// stream. lib/bridge-handler.js is the answering half. The names and the shapes of the events are those
// of Lodestar, an Ethereum client.

const { createAsyncIterable } = require('./create-async-iterable.js');
const { requestTimedOut } = require('./errors.js');
const { callerArguments } = require('./options.js');

/** What happens to a request, as the bus tells it. */
const IteratorEventType = Object.freeze({
  next: 'iterator.next',
  done: 'iterator.done',
  error: 'iterator.error',
});

class AsyncIterableBridgeCaller {
  #events;
  #options;
  #nextId = 0;
  /** The requests without an end yet, by id. */
  #pending = new Map();

  constructor(events, options) {
    const given = callerArguments(events, options);
    this.#events = events;
    this.#options = given;
    events.onResponse((event) => this.#receive(event));
  }

  /** How many requests have neither ended nor been left. */
  get pendingCount() {
    return this.#pending.size;
  }

  /** An iterable, each iterator of which is a request of its own. */
  getAsyncIterable(callArgs) {
    return { [Symbol.asyncIterator]: () => this.#request(callArgs) };
  }

  #request(callArgs) {
    const id = this.#nextId++;
    const { timeout, streamOptions } = this.#options;
    const request = createAsyncIterable(streamOptions);
    const pending = {
      ...request,
      // An answer that only waits to be read must not keep what reads it.
      iterable: undefined,
      timer: timeout === undefined ? undefined : setTimeout(() => this.#expire(id), timeout),
    };
    // Before it is sent: the answer may come within the call.
    this.#pending.set(id, pending);
    request.signal.addEventListener('abort', () => this.#cancel(id));
    try {
      this.#events.emitRequest({ callArgs, id });
    } catch (reason) {
      this.#forget(id)?.fail(reason);
    }
    return request.iterable;
  }

  #receive(event) {
    const { id } = event;
    const pending = this.#pending.get(id);
    // It was left or has expired, and the other side has not heard of it yet.
    if (pending === undefined) return;
    pending.timer?.refresh();
    switch (event.type) {
      case IteratorEventType.next:
        this.#push(id, pending, event.item);
        break;
      case IteratorEventType.done:
        this.#forget(id).done();
        break;
      case IteratorEventType.error:
        this.#fail(id, event.error);
        break;
    }
  }

  #push(id, pending, item) {
    try {
      pending.push(item);
    } catch (reason) {
      // The bus cannot ask the other side to wait.
      this.#forget(id).fail(reason);
      this.#emitCancel(id);
    }
  }

  #fail(id, error) {
    const { fail } = this.#forget(id);
    try {
      fail(this.#options.fromThreadBoundaryError(error));
    } catch (reason) {
      fail(reason); // of the conversion
    }
  }

  #expire(id) {
    this.#forget(id)?.fail(requestTimedOut(this.#options.timeout));
    this.#emitCancel(id);
  }

  /** The consumer has left. */
  #cancel(id) {
    if (this.#forget(id) !== undefined) this.#emitCancel(id);
  }

  #emitCancel(id) {
    this.#events.emitRequestCancel?.({ id });
  }

  #forget(id) {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    clearTimeout(pending?.timer);
    return pending;
  }
}

module.exports = { AsyncIterableBridgeCaller, IteratorEventType };
