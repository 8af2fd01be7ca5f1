'use strict';

// The half of an event bus that sends requests, and hears the responses.
//
// A request ends once: with its response, however that ends; or when the requester cancels it, after which
// nothing more is told of it.

const native = require('../native.js');
const { IteratorEventType } = require('../bridge-caller.js');
const { openRequestChannel, responseChannel } = require('../channel/channel.js');
const { stayForWake } = require('../channel/turn.js');
const { eventBusClosed, requestPending } = require('../errors.js');
const { Listeners } = require('./listeners.js');

class Requester {
  #name;
  #listeners = new Listeners();
  /** Of requests to the handler; another one when that has gone. */
  #sender;
  /** `{ id, handle, receiver, isLeft }`, by id. */
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
    const channel = responseChannel(this.#name);
    const request = { id, handle: channel.handle, receiver: channel.receiver(), isLeft: false };
    try {
      this.#send({ callArgs, response: request.handle });
    } catch (reason) {
      request.receiver.return();
      throw reason;
    }
    this.#pending.set(id, request);
    this.#read(request);
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
      const sender = openRequestChannel(this.#name, (channel) => channel.sender());
      sender.signal.addEventListener('abort', () => this.#abandon());
      this.#sender = sender;
    }
    return this.#sender;
  }

  /** The handler has gone. Requests that it has not taken have no other to hear of it. */
  #abandon() {
    for (const { handle } of this.#pending.values()) stayForWake(native.abandonChannel(handle));
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
    this.#release();
    return true;
  }

  /** As long as something is pending, the end of the handler must be heard. */
  #release() {
    if (this.#isClosed && this.#pending.size === 0) this.#sender?.done();
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
