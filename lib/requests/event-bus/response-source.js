'use strict';

// The source of a response that its consumer reads directly from the channel. Only this package's own Caller over
// this package's own bus uses it. Other callers receive each item as an event.
//
// It ends as every receiver does, or by a timeout: when nothing has arrived for too long, and the consumer has read
// all items before.

const { ReceiverSource } = require('../../channel/receiver-source.js');
const { describeCopies } = require('../../addon/copies.js');
const { requestTimedOut } = require('../../support/errors.js');
const { CLOSED, Failure, PARKED } = require('../../addon/runtime.js');
const { AnswerClock } = require('./answer-clock.js');

/** The name of the method of a bus that returns the stream of a response. */
const OPEN_RESPONSE = Symbol('openResponse');

class ResponseSource extends ReceiverSource {
  #clock;
  #convert;
  #ended;
  #failure;

  /**
   * @param {(source: object) => number} openEnd - As in ReceiverSource.
   * @param {object} request
   * @param {number} [request.timeout] - Milliseconds.
   * @param {(reason: unknown) => unknown} request.convert - Converts a reason for the consumer; never throws.
   * @param {() => void} request.ended - Called once, when the consumer has seen the end, or has left.
   */
  constructor(openEnd, { timeout, convert, ended }) {
    super(openEnd);
    this.#clock = new AnswerClock(timeout, () => this.#expire(timeout));
    this.#convert = convert;
    this.#ended = ended;
    this.#clock.start();
  }

  get kind() {
    return 'AsyncIterableBridgeCaller';
  }

  drain(stream) {
    const drained = this.#failure ?? super.drain(stream);
    if (drained === PARKED) {
      if (!this.#clock.runs) this.#clock.start();
      this.#clock.keepAlive(true);
      return drained;
    }
    this.#clock.keepAlive(false);
    if (drained !== CLOSED && !(drained instanceof Failure)) {
      this.#clock.start();
      return drained;
    }
    this.#end();
    // A failure of the bus itself, such as a timeout, is not converted.
    if (drained === CLOSED || drained === this.#failure) return drained;
    return new Failure(this.#convert(drained.reason));
  }

  cancel(unread) {
    super.cancel(unread);
    this.#end();
  }

  /** Ends the stream with this reason, even if items have arrived. */
  fail(reason) {
    this.#failure = new Failure(reason);
    super.cancelAsFailed();
  }

  #expire(timeout) {
    // If there is something to read, the handler is not late: the consumer may take any time to read it.
    if (!this.hasArrived) this.fail(requestTimedOut(timeout, describeCopies()));
  }

  #end() {
    this.#clock.stop();
    this.#ended();
  }
}

module.exports = { OPEN_RESPONSE, ResponseSource };
