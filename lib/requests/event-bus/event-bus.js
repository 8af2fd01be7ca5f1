'use strict';

// An event bus over native channels. All buses of one name in the process are the same bus, in any thread. It carries
// requests to the one thread that handles them. It carries each response back to its requester in a channel of its own,
// with backpressure. If either thread ends, the bus notifies the other.

const native = require('../../addon/native.js');
const { busNameArgument, listenerArgument } = require('../../support/options.js');
const { Requester } = require('./requester.js');
const { Responder } = require('./responder.js');
const { OPEN_RESPONSE } = require('./response-source.js');

class EventBus {
  #name;
  #requester;
  #responder;

  constructor(name) {
    this.#name = name;
    this.#requester = new Requester(name);
    this.#responder = new Responder(name);
  }

  get name() {
    return this.#name;
  }

  /** Returns true: the bus awaits the promise of a response listener before the next item of that response. */
  get waitsForConsumer() {
    return true;
  }

  /** Sends a request. Its id must not be the id of another request that is pending on this bus. */
  emitRequest(event) {
    this.#requester.emitRequest(event);
  }

  /** Notifies the handler that the requester does not want the rest of a response. */
  emitRequestCancel(event) {
    return this.#requester.emitCancel(event);
  }

  onResponse(listener) {
    this.#requester.onResponse(listenerArgument(listener));
  }

  /** Handles the requests of all buses of this name from now on. Only one thread can do this. */
  onRequest(listener) {
    this.#responder.onRequest(listenerArgument(listener));
  }

  onRequestCancel(listener) {
    this.#responder.onCancel(listenerArgument(listener));
  }

  /** Sends an event of a response. Without capacity, returns a promise of whether the requester still reads it. */
  emitResponse(event) {
    return this.#responder.emitResponse(event);
  }

  /** Sends a request, and returns its response as a stream. */
  [OPEN_RESPONSE](callArgs, request) {
    return this.#requester.openResponse(callArgs, request);
  }

  /** Stops sending and handling requests. Responses that have begun go on. */
  close() {
    this.#requester.close();
    this.#responder.close();
  }
}

function createEventBus(name) {
  return new EventBus(busNameArgument(name));
}

/** Returns the metrics of all event buses in the process, in the text format of Prometheus. */
const eventBusMetrics = () => native.eventBusMetrics();

module.exports = { createEventBus, eventBusMetrics };
