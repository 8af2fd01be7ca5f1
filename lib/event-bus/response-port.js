'use strict';

// The port of a response that its consumer reads from the channel itself: for this package's own Caller over
// this package's own bus. Other callers hear of each item by an event.
//
// It ends as every receiver does, or when nothing has come for too long while the consumer had read all there
// was.

const { ReceiverPort } = require('../channel/receiver-port.js');
const { describeCopies } = require('../copies.js');
const { requestTimedOut } = require('../errors.js');
const { CLOSED, Failure, PARKED } = require('../runtime.js');
const { AnswerClock } = require('./answer-clock.js');

/** The name of a bus's method that gives the stream of a response. */
const OPEN_RESPONSE = Symbol('openResponse');

class ResponsePort extends ReceiverPort {
  #clock;
  #convert;
  #ended;
  #failure;

  /**
   * @param {(port: object) => number} openEnd - As ReceiverPort has it.
   * @param {object} request
   * @param {number} [request.timeout] - Milliseconds.
   * @param {(reason: unknown) => unknown} request.convert - Makes of a reason what the consumer gets; never throws.
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
    // Of the bus itself, such as a timeout, there is nothing to convert.
    if (drained === CLOSED || drained === this.#failure) return drained;
    return new Failure(this.#convert(drained.reason));
  }

  cancel(unread) {
    super.cancel(unread);
    this.#end();
  }

  /** Ends the stream with this reason, whatever has come. */
  fail(reason) {
    this.#failure = new Failure(reason);
    super.leave();
  }

  #expire(timeout) {
    // Where there is something to read, it is not the handler who is late, and the consumer may take his time.
    if (!this.hasArrived) this.fail(requestTimedOut(timeout, describeCopies()));
  }

  #end() {
    this.#clock.stop();
    this.#ended();
  }
}

module.exports = { OPEN_RESPONSE, ResponsePort };
