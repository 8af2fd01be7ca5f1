'use strict';

// The half of an event bus that sends requests, and hears the responses.

const native = require('../../native.js');
const { IteratorEventType } = require('../bridge-caller.js');
const { namedChannel, responseChannel } = require('../channel/channel.js');
const { stayForWake } = require('../channel/turn.js');
const { requestPending } = require('../errors.js');
const { Listeners } = require('./listeners.js');

class Requester {
  #name;
  #listeners = new Listeners();
  /** Of requests to the handler; another one when that has gone. */
  #sender;
  /** `{ id, handle, receiver, isLeft }`, by id. */
  #pending = new Map();

  constructor(name) {
    this.#name = name;
  }

  onResponse(listener) {
    this.#listeners.add(listener);
  }

  emitRequest({ callArgs, id }) {
    if (this.#pending.has(id)) throw requestPending(id);
    const { handle } = responseChannel(this.#name);
    const request = { id, handle: handle.handle, receiver: undefined, isLeft: false };
    this.#connect().push({ callArgs, response: request.handle });
    this.#pending.set(id, request);
    this.#read(request);
  }

  async emitCancel({ id }) {
    const request = this.#pending.get(id);
    if (request === undefined) return;
    request.isLeft = true;
    this.#pending.delete(id);
    await request.receiver.return();
  }

  close() {
    this.#sender?.done();
  }

  #connect() {
    if (this.#sender === undefined || this.#sender.signal.aborted) {
      const sender = namedChannel(this.#name).sender();
      sender.signal.addEventListener('abort', () => this.#abandon());
      this.#sender = sender;
    }
    return this.#sender;
  }

  /** The handler has gone. Requests that it has not taken have no other to hear of it. */
  #abandon() {
    for (const { handle } of this.#pending.values()) stayForWake(native.abandonChannel(handle));
  }
}

module.exports = { Requester };
