'use strict';

// The requesting half of streams over an event bus: it sends requests, and the items that arrive for each
// request are its stream. lib/requests/handler.js is the answering half. The names and the shapes of the
// events are those of Lodestar, an Ethereum client.
//
// A request ends once: its end event arrives, its consumer leaves, no answer arrives in time, or a bus that
// cannot wait delivers more than the buffer holds. In the last three cases the Caller sends a cancel to the
// answering half. After the end its id is unknown here, and events that are still under way are ignored.

const { requestTimedOut } = require('../support/errors.js');
const { AnswerClock } = require('./event-bus/answer-clock.js');
const { OPEN_RESPONSE } = require('./event-bus/response-source.js');
const { IteratorEventType } = require('./iterator-event-type.js');
const { callerArguments } = require('../support/options.js');
const { PushSource, openPushSource } = require('../streams/push-source.js');
const { isStackOverflow, stackReserve } = require('../addon/runtime.js');
const { weightWithFields } = require('../streams/weight.js');

const reserveStack = { request: stackReserve(), event: stackReserve() };

/** The buffer of the items that have arrived for one request. */
class RequestSource extends PushSource {
  /** The clock that runs while the request waits for an answer. */
  clock;
  #leave;

  /**
   * @param {object} options - The options of the buffer.
   * @param {AnswerClock} clock
   * @param {() => Promise<void> | undefined} leave - Called when no more items are wanted.
   */
  constructor(options, clock, leave) {
    super(options);
    this.clock = clock;
    this.#leave = leave;
  }

  get kind() {
    return 'AsyncIterableBridgeCaller';
  }

  push(item) {
    const hasCapacity = super.push(item, weightWithFields(item));
    this.clock.keepAlive(this.isParked);
    return hasCapacity;
  }

  drain(stream) {
    this.clock.keepAlive(this.isExhausted);
    return super.drain(stream);
  }

  itemRejected() {
    this.#leave();
  }

  /** Cancels the request. A consumer that leaves waits for the returned promise: the bus has taken the cancel. */
  cancel(unread) {
    super.cancel(unread);
    return this.#leave();
  }
}

class AsyncIterableBridgeCaller {
  #events;
  #options;
  #nextId = 0;
  /** The sources of requests that have not ended, by id. They do not keep their streams alive. */
  #pending = new Map();

  constructor(events, options) {
    this.#options = callerArguments(events, options);
    this.#events = events;
    events.onResponse((event) => this.#receive(event));
  }

  /** Returns the number of requests that have neither ended nor been left. */
  get pendingCount() {
    return this.#pending.size;
  }

  /** Returns an iterable. Each of its iterators is a request of its own. */
  getAsyncIterable(callArgs) {
    return { [Symbol.asyncIterator]: () => this.#request(callArgs) };
  }

  #request(callArgs) {
    reserveStack.request();
    if (OPEN_RESPONSE in this.#events) return this.#open(callArgs);
    const id = this.#nextId++;
    const { sourceOptions, timeSlice, timeout } = this.#options;
    const clock = new AnswerClock(timeout, () => this.#giveUp(id, requestTimedOut(timeout)));
    const source = new RequestSource(sourceOptions, clock, () => this.#leave(id));
    const stream = openPushSource(source, timeSlice);
    // Before the request is sent: the answer may arrive within the call.
    this.#pending.set(id, source);
    clock.start();
    this.#send(callArgs, id);
    return stream;
  }

  /** Opens a request over a bus of this package. There, a channel takes the place of the buffer for each response. */
  #open(callArgs) {
    const id = this.#nextId++;
    const { sourceOptions, timeSlice, timeout } = this.#options;
    const { capacity, maxBytes } = sourceOptions;
    this.#pending.set(id, undefined);
    return this.#events[OPEN_RESPONSE](callArgs, {
      limits: { capacity, maxBytes },
      timeSlice,
      timeout,
      convert: (reason) => this.#convert(reason),
      ended: () => this.#pending.delete(id),
    });
  }

  async #send(callArgs, id) {
    try {
      await this.#events.emitRequest({ callArgs, id });
    } catch (reason) {
      this.#forget(id)?.fail(reason);
    }
  }

  /** @returns {Promise<boolean> | undefined} If the buffer is full, the promise that a bus that can wait awaits. */
  #receive({ type, id, item, error }) {
    reserveStack.event();
    const source = this.#pending.get(id);
    if (source === undefined) return undefined;
    switch (type) {
      case IteratorEventType.next:
        return this.#take(id, source, item);
      case IteratorEventType.done:
        source.done();
        this.#forget(id);
        return undefined;
      case IteratorEventType.error:
        source.fail(this.#convert(error));
        this.#forget(id);
        return undefined;
    }
  }

  #take(id, source, item) {
    let hasCapacity;
    try {
      hasCapacity = source.push(item);
    } catch (reason) {
      // The bus gets the error, because its event was not taken.
      if (isStackOverflow(reason)) throw reason;
      this.#giveUp(id, reason);
      return undefined;
    }
    if (hasCapacity) {
      source.clock.start();
      return undefined;
    }
    // From here on the request waits for its consumer.
    source.clock.stop();
    const ready = source.ready();
    ready.then((goesOn) => {
      if (goesOn && this.#pending.has(id)) source.clock.start();
    });
    return ready;
  }

  #convert(error) {
    try {
      return this.#options.fromThreadBoundaryError(error);
    } catch (reason) {
      return reason; // of the conversion
    }
  }

  /** Fails a request, and sends a cancel to the other side. */
  #giveUp(id, reason) {
    this.#pending.get(id)?.fail(reason);
    this.#forget(id);
    this.#emitCancel(id);
  }

  /** Cancels a request whose consumer has left. */
  #leave(id) {
    return this.#forget(id) === undefined ? undefined : this.#emitCancel(id);
  }

  async #emitCancel(id) {
    await this.#events.emitRequestCancel?.({ id });
  }

  #forget(id) {
    const source = this.#pending.get(id);
    this.#pending.delete(id);
    source?.clock.stop();
    return source;
  }
}

module.exports = { AsyncIterableBridgeCaller };
