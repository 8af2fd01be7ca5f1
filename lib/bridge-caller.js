'use strict';

// The asking half of streams over an event bus: requests go out, and what comes back for each is its
// stream. lib/bridge-handler.js is the answering half. The names and the shapes of the events are those
// of Lodestar, an Ethereum client.
//
// A request ends once: by the event of its end, by its consumer, who leaves, or by the Caller itself,
// when nobody answers or a bus that cannot wait brings more than is read. The last three tell the
// answering half. From then on its id is unknown here, and events that are still under way are ignored.

const { isStackOverflow } = require('./channel/stack.js');
const { requestTimedOut } = require('./errors.js');
const { AnswerClock } = require('./event-bus/answer-clock.js');
const { OPEN_RESPONSE } = require('./event-bus/response-port.js');
const { IteratorEventType } = require('./iterator-event-type.js');
const { callerArguments } = require('./options.js');
const { PushPort, openPushPort } = require('./push-port.js');
const { stackReserve } = require('./runtime.js');
const { weightWithFields } = require('./weight.js');

const reserve = { request: stackReserve(), event: stackReserve() };

/** The buffer of what has come for one request. */
class RequestPort extends PushPort {
  /** Runs while an answer is waited for. */
  clock;
  #leave;

  /**
   * @param {object} options - Of the buffer.
   * @param {AnswerClock} clock
   * @param {() => Promise<void> | undefined} leave - Called when nothing more is wanted.
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
    const hasRoom = super.push(item, weightWithFields(item));
    this.clock.keepAlive(this.isParked);
    return hasRoom;
  }

  drain(stream) {
    this.clock.keepAlive(this.isExhausted);
    return super.drain(stream);
  }

  itemRejected() {
    this.#leave();
  }

  /** Whoever leaves waits for the bus to take the news. */
  cancel(unread) {
    super.cancel(unread);
    return this.#leave();
  }
}

class AsyncIterableBridgeCaller {
  #events;
  #options;
  #nextId = 0;
  /** The ports of requests without an end yet, by id. They do not keep their streams. */
  #pending = new Map();

  constructor(events, options) {
    this.#options = callerArguments(events, options);
    this.#events = events;
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
    reserve.request();
    if (OPEN_RESPONSE in this.#events) return this.#open(callArgs);
    const id = this.#nextId++;
    const { portOptions, timeSlice, timeout } = this.#options;
    const clock = new AnswerClock(timeout, () => this.#giveUp(id, requestTimedOut(timeout)));
    const port = new RequestPort(portOptions, clock, () => this.#leave(id));
    const stream = openPushPort(port, timeSlice);
    // Before it is sent: the answer may come within the call.
    this.#pending.set(id, port);
    clock.start();
    this.#send(callArgs, id);
    return stream;
  }

  /** Over a bus of this package, whose channels do for each response what the buffer here does. */
  #open(callArgs) {
    const id = this.#nextId++;
    const { portOptions, timeSlice, timeout } = this.#options;
    const { capacity, maxBytes } = portOptions;
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

  /** @returns {Promise<boolean> | undefined} Where the buffer is full, what a bus that can wait awaits. */
  #receive({ type, id, item, error }) {
    reserve.event();
    const port = this.#pending.get(id);
    if (port === undefined) return undefined;
    switch (type) {
      case IteratorEventType.next:
        return this.#take(id, port, item);
      case IteratorEventType.done:
        port.done();
        this.#forget(id);
        return undefined;
      case IteratorEventType.error:
        port.fail(this.#convert(error));
        this.#forget(id);
        return undefined;
    }
  }

  #take(id, port, item) {
    let hasRoom;
    try {
      hasRoom = port.push(item);
    } catch (reason) {
      // The bus learns that its event was not taken.
      if (isStackOverflow(reason)) throw reason;
      this.#giveUp(id, reason);
      return undefined;
    }
    if (hasRoom) {
      port.clock.start();
      return undefined;
    }
    // From here on it is the consumer who is waited for.
    port.clock.stop();
    const ready = port.ready();
    ready.then((goesOn) => {
      if (goesOn && this.#pending.has(id)) port.clock.start();
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

  /** Fails a request, and tells the other side. */
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
    const port = this.#pending.get(id);
    this.#pending.delete(id);
    port?.clock.stop();
    return port;
  }
}

module.exports = { AsyncIterableBridgeCaller };
