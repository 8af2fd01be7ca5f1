'use strict';

// The half of an event bus that sends requests, and hears the responses.
//
// A request ends once: with its response, however that ends; or when the requester cancels it, after which
// nothing more is told of it.

const native = require('../native.js');
const { openRequestChannel, openResponseChannel } = require('../channel/channel.js');
const { ReceiverPort } = require('../channel/receiver-port.js');
const { stayForWake } = require('../channel/turn.js');
const { warnOfCopies } = require('../copies.js');
const { eventBusClosed, requestPending } = require('../errors.js');
const { IteratorEventType } = require('../iterator-event-type.js');
const { responseOptions } = require('../options.js');
const { open } = require('../runtime.js');
const { Listeners } = require('./listeners.js');
const { ResponsePort } = require('./response-port.js');

/** Cancels the requests whose streams were forgotten, also where a timer still knows the port. */
const forgotten = new FinalizationRegistry((port) => port.cancel(0));

class Requester {
  #name;
  #listeners = new Listeners();
  /** Of requests to the handler; another one when that has gone. */
  #sender;
  /** The handles of all responses that are pending. */
  #handles = new Set();
  /** Those that are told by events: `{ id, handle, receiver, isLeft }`, by id. */
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
    const receiver = open(new ReceiverPort(openEnd), responseOptions.timeSlice);
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

  /** Sends a request, and gives the stream of its response: `request` as ResponsePort has it. */
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
    const port = new ResponsePort(openEnd, { ...request, ended });
    const stream = open(port, timeSlice);
    forgotten.register(stream, port);
    try {
      if (this.#isClosed) throw eventBusClosed(this.#name);
      this.#send({ callArgs, response: handle });
      // From here on: a handler that has gone before has been given up already.
      this.#handles.add(handle);
    } catch (reason) {
      port.fail(reason);
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

  /** A handler that has gone is noticed by the push at the latest, and then the next one gets the request. */
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
        // Without a handler the request waits, perhaps for one of another copy.
        if (native.expectsReceiver(channel.handle)) warnOfCopies(this.#name);
        return channel.sender();
      });
      sender.signal.addEventListener('abort', () => this.#abandon());
      this.#sender = sender;
    }
    return this.#sender;
  }

  /** The handler has gone. Requests that it has not taken have no other to hear of it. */
  #abandon() {
    for (const handle of this.#handles) stayForWake(native.abandonChannel(handle));
  }

  /** Rejects with what a listener throws. */
  async #read(request) {
    const { id, receiver } = request;
    const batches = receiver.batches();
    try {
      for (;;) {
        const { items, end } = await nextOf(batches);
        if (end !== undefined) {
          if (this.#forget(request)) await this.#listeners.tell({ id, ...end });
          return;
        }
        for (const item of items) {
          if (request.isLeft) return;
          const waits = this.#listeners.tell({ id, type: IteratorEventType.next, item });
          if (waits !== undefined) await waits;
        }
      }
    } finally {
      // A listener that throws hears no more of it.
      this.#forget(request);
      receiver.return();
    }
  }

  /** Whether the request was still pending. */
  #forget(request) {
    if (request.isLeft) return false;
    request.isLeft = true;
    this.#pending.delete(request.id);
    this.#handles.delete(request.handle);
    this.#release();
    return true;
  }

  /** As long as something is pending, the end of the handler must be heard. */
  #release() {
    if (this.#isClosed && this.#handles.size === 0) this.#sender?.done();
  }
}

/** A batch of items, or the event of the end. */
async function nextOf(batches) {
  try {
    const { value, done } = await batches.next();
    return done ? { end: { type: IteratorEventType.done } } : { items: value };
  } catch (error) {
    return { end: { type: IteratorEventType.error, error } };
  }
}

module.exports = { Requester };
