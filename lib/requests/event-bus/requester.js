'use strict';

// The half of an event bus that sends requests, and receives the responses.
//
// A request ends once: when its response ends in any way, or when the requester cancels it. After a cancel, no listener
// is notified of the request.

const native = require('../../addon/native.js');
const { openRequestChannel, openResponseChannel } = require('../../channel/channel.js');
const { ReceiverSource } = require('../../channel/receiver-source.js');
const { refUntilWake } = require('../../channel/event-loop.js');
const { warnOfCopies } = require('../../addon/copies.js');
const { eventBusClosed, requestPending } = require('../../support/errors.js');
const { IteratorEventType } = require('../iterator-event-type.js');
const { responseOptions } = require('../../support/options.js');
const { open } = require('../../addon/runtime.js');
const { Listeners } = require('./listeners.js');
const { ResponseSource } = require('./response-source.js');

/** The registry that cancels requests with forgotten streams, even if a timer still refers to the source. */
const forgotten = new FinalizationRegistry((source) => source.cancel(0));

class Requester {
  #name;
  #listeners = new Listeners();
  /** The sender of requests to the handler. When that handler has gone, another sender replaces it. */
  #sender;
  /** The handles of all pending responses. */
  #handles = new Set();
  /** The requests with responses reported by events: `{ id, handle, receiver, isLeft }`, by id. */
  #pending = new Map();
  #isClosed = false;

  constructor(name) {
    this.#name = name;
  }

  onResponse(listener) {
    this.#listeners.add(listener);
  }

  emitRequest({ callArgs, id }) {
    if (this.#isClosed) throw eventBusClosed(this.#name);
    if (this.#pending.has(id)) throw requestPending(id);
    const { handle, openEnd } = openResponseChannel(this.#name, {});
    const receiver = open(new ReceiverSource(openEnd), responseOptions.timeSlice);
    const request = { id, handle, receiver, isLeft: false };
    try {
      this.#send({ callArgs, response: handle });
    } catch (reason) {
      receiver.return();
      throw reason;
    }
    this.#handles.add(handle);
    this.#pending.set(id, request);
    this.#read(request);
  }

  /** Sends a request, and returns the stream of its response. `request` is as in ResponseSource. */
  openResponse(callArgs, { limits, timeSlice, ...request }) {
    let isPending = true;
    const ended = () => {
      if (!isPending) return;
      isPending = false;
      this.#handles.delete(handle);
      this.#release();
      request.ended();
    };
    const { handle, openEnd } = openResponseChannel(this.#name, limits);
    const source = new ResponseSource(openEnd, { ...request, ended });
    const stream = open(source, timeSlice);
    forgotten.register(stream, source);
    try {
      if (this.#isClosed) throw eventBusClosed(this.#name);
      this.#send({ callArgs, response: handle });
      // Added only here: if a handler has gone before, the sender to it has been given up already.
      this.#handles.add(handle);
    } catch (reason) {
      source.fail(reason);
    }
    return stream;
  }

  async emitCancel({ id }) {
    const request = this.#pending.get(id);
    if (request === undefined) return;
    this.#forget(request);
    await request.receiver.return();
  }

  close() {
    this.#isClosed = true;
    this.#release();
  }

  /** Sends a request. The push at the latest finds that a handler has gone; then the next handler gets the request. */
  #send(request) {
    let sender;
    do {
      sender = this.#connect();
      sender.push(request);
    } while (sender.signal.aborted);
  }

  #connect() {
    if (this.#sender === undefined || this.#sender.signal.aborted) {
      const sender = openRequestChannel(this.#name, (channel) => {
        // Without a handler the request waits, perhaps for a handler that uses another copy of the package.
        if (native.expectsReceiver(channel.handle)) warnOfCopies(this.#name);
        return channel.sender();
      });
      sender.signal.addEventListener('abort', () => this.#abandon());
      this.#sender = sender;
    }
    return this.#sender;
  }

  /** Abandons the responses when the handler has gone. Nothing else notifies the requests that it has not taken. */
  #abandon() {
    for (const handle of this.#handles) refUntilWake(native.failUnopened(handle));
  }

  /** Reports the events of a response to the listeners. Rejects with the error that a listener throws. */
  async #read(request) {
    const { id, receiver } = request;
    const batches = receiver.batches();
    try {
      for (;;) {
        const { items, end } = await nextOf(batches);
        if (end !== undefined) {
          if (this.#forget(request)) await this.#listeners.notify({ id, ...end });
          return;
        }
        for (const item of items) {
          if (request.isLeft) return;
          const waits = this.#listeners.notify({ id, type: IteratorEventType.next, item });
          if (waits !== undefined) await waits;
        }
      }
    } finally {
      // A listener that throws receives no more events of the request.
      this.#forget(request);
      receiver.return();
    }
  }

  /** Removes a request from the pending ones. Returns whether it was still pending. */
  #forget(request) {
    if (request.isLeft) return false;
    request.isLeft = true;
    this.#pending.delete(request.id);
    this.#handles.delete(request.handle);
    this.#release();
    return true;
  }

  /** Ends the sender after close(), but only when no request is pending: until then it reports the handler's end. */
  #release() {
    if (this.#isClosed && this.#handles.size === 0) this.#sender?.done();
  }
}

/** Returns a batch of items, or the event of the end. */
async function nextOf(batches) {
  try {
    const { value, done } = await batches.next();
    return done ? { end: { type: IteratorEventType.done } } : { items: value };
  } catch (error) {
    return { end: { type: IteratorEventType.error, error } };
  }
}

module.exports = { Requester };
