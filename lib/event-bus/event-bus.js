'use strict';

// An event bus over native channels: every bus of one name in the process is the same, in whatever thread.
// It carries requests to the one thread that handles them, and each response back to whoever asked, in a
// channel of its own: with backpressure, and with the end of either thread told to the other.

const native = require('../native.js');
const { busNameArgument, listenerArgument } = require('../options.js');
const { Requester } = require('./requester.js');
const { Responder } = require('./responder.js');
const { OPEN_RESPONSE } = require('./response-port.js');

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

  /** A promise that a listener of responses returns is awaited before the next item of that response. */
  get waitsForConsumer() {
    return true;
  }

  /** Sends a request, whose id must not be that of another one that is pending on this bus. */
  emitRequest(event) {
    this.#requester.emitRequest(event);
  }

  /** Tells the handler that nobody wants the rest of a response. */
  emitRequestCancel(event) {
    return this.#requester.emitCancel(event);
  }

  onResponse(listener) {
    this.#requester.onResponse(listenerArgument(listener));
  }

  /** Handles the requests of all buses of this name from here on, which only one thread can. */
  onRequest(listener) {
    this.#responder.onRequest(listenerArgument(listener));
  }

  onRequestCancel(listener) {
    this.#responder.onCancel(listenerArgument(listener));
  }

  /** A promise where the response has no room: of whether somebody still reads it. */
  emitResponse(event) {
    return this.#responder.emitResponse(event);
  }

  /** Sends a request, and gives its response as a stream. */
  [OPEN_RESPONSE](callArgs, request) {
    return this.#requester.openResponse(callArgs, request);
  }

  /** Sends and handles no more requests. Responses that have begun go on. */
  close() {
    this.#requester.close();
    this.#responder.close();
  }
}

function createEventBus(name) {
  return new EventBus(busNameArgument(name));
}

/** What is measured of all event buses in the process, in the text format of Prometheus. */
const eventBusMetrics = () => native.eventBusMetrics();

module.exports = { createEventBus, eventBusMetrics };
