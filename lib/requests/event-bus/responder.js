'use strict';

// The half of an event bus that receives requests, and sends the responses.
//
// A response ends once: with the event of its end, or when the requester has left. The responder reports the latter to
// the listeners for cancels.

const { Channel, openRequestChannel } = require('../../channel/channel.js');
const { warnOfCopies } = require('../../addon/copies.js');
const { eventBusClosed, eventBusInUse } = require('../../support/errors.js');
const { IteratorEventType } = require('../iterator-event-type.js');
const { Listeners } = require('./listeners.js');

/** The codes of errors after which no response is sent: the requester has left, or another handler has begun it. */
const UNANSWERABLE = ['ERR_CHANNEL_NOT_FOUND', 'ERR_CHANNEL_IN_USE'];

/** The result for an event of a response that the requester does not read any more. */
const CONSUMER_GONE = Promise.resolve(false);

class Responder {
  #name;
  #listeners = new Listeners();
  #cancelListeners = new Listeners();
  #receiver;
  /** The senders of the responses, by the ids of the requests in this thread. */
  #responses = new Map();
  #nextId = 0;
  #isClosed = false;

  constructor(name) {
    this.#name = name;
  }

  onRequest(listener) {
    if (this.#isClosed) throw eventBusClosed(this.#name);
    if (this.#receiver === undefined) {
      this.#receiver = receiverOf(this.#name);
      warnOfCopies(this.#name);
      this.#serve();
    }
    this.#listeners.add(listener);
  }

  onCancel(listener) {
    this.#cancelListeners.add(listener);
  }

  emitResponse({ id, type, item, error }) {
    const sender = this.#responses.get(id);
    if (sender === undefined) return CONSUMER_GONE;
    if (type === IteratorEventType.next) return sender.push(item) ? undefined : sender.ready();
    this.#responses.delete(id);
    if (type === IteratorEventType.done) sender.done();
    else sender.fail(error);
    return undefined;
  }

  close() {
    this.#isClosed = true;
    this.#receiver?.return();
  }

  /** Serves requests. If the stream of requests fails, all requests in it fail, and later requests are served. */
  async #serve() {
    for (;;) {
      let next;
      try {
        next = await this.#receiver.next();
      } catch {
        this.#receiver = undefined;
        if (this.#isClosed || !this.#reopen()) return;
        continue;
      }
      if (next.done) return;
      this.#begin(next.value);
    }
  }

  /** Opens the receiver of requests again. Returns false if another handler was faster. */
  #reopen() {
    try {
      this.#receiver = receiverOf(this.#name);
      return true;
    } catch (error) {
      if (error.code === 'ERR_EVENT_BUS_IN_USE') return false;
      throw error;
    }
  }

  #begin({ callArgs, response }) {
    const sender = senderOf(response);
    if (sender === undefined || sender.signal.aborted) return;
    const id = this.#nextId++;
    this.#responses.set(id, sender);
    sender.signal.addEventListener('abort', () => {
      if (this.#responses.delete(id)) this.#cancelListeners.notify({ id });
    });
    try {
      this.#listeners.notify({ callArgs, id });
    } catch (reason) {
      // The requester receives the error, and other requests are handled.
      this.#responses.delete(id);
      sender.fail(reason);
    }
  }
}

function receiverOf(name) {
  try {
    return openRequestChannel(name, (channel) => channel.receiver());
  } catch (error) {
    throw error.code === 'ERR_CHANNEL_IN_USE' ? eventBusInUse(name) : error;
  }
}

function senderOf(handle) {
  try {
    return Channel.from(handle).sender();
  } catch (error) {
    if (UNANSWERABLE.includes(error.code)) return undefined;
    throw error;
  }
}

module.exports = { Responder };
