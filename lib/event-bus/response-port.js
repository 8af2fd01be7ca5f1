'use strict';

// The port of a response that its consumer reads from the channel itself: for this package's own Caller over
// this package's own bus. Other callers hear of each item by an event.
//
// It ends as every receiver does, or when nothing has come for too long while the consumer had read all there
// was.

const native = require('../native.js');
const { ReceiverPort } = require('../channel/receiver-port.js');
const { requestTimedOut } = require('../errors.js');
const { CLOSED, Failure, PARKED } = require('../runtime.js');

/** The name of a bus's method that gives the stream of a response. */
const OPEN_RESPONSE = Symbol('openResponse');

class ResponsePort extends ReceiverPort {
  #handle;
  #timeout;
  #convert;
  #ended;
  #timer;
  #failure;

  /**
   * @param {object} handle - Of the receiver.
   * @param {number} capacity
   * @param {object} request
   * @param {number} [request.timeout] - Milliseconds.
   * @param {(reason: unknown) => unknown} request.convert - Makes of a reason what the consumer gets; never throws.
   * @param {() => void} request.ended - Called once, when the consumer has seen the end, or has left.
   */
  constructor(handle, capacity, { timeout, convert, ended }) {
    super(handle, capacity);
    this.#handle = handle;
    this.#timeout = timeout;
    this.#convert = convert;
    this.#ended = ended;
    this.#startTimer();
  }

  get kind() {
    return 'AsyncIterableBridgeCaller';
  }

  drain(stream) {
    const drained = this.#failure ?? super.drain(stream);
    if (drained === PARKED) {
      if (this.#timer === undefined) this.#startTimer();
      return drained;
    }
    if (drained !== CLOSED && !(drained instanceof Failure)) {
      if (this.#timer === undefined) this.#startTimer();
      else this.#timer.refresh();
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

  #expire() {
    this.#timer = undefined;
    // Where there is something to read, it is not the handler who is late, and the consumer may take his time.
    if (!native.hasArrived(this.#handle)) this.fail(requestTimedOut(this.#timeout));
  }

  #startTimer() {
    if (this.#timeout !== undefined) this.#timer = setTimeout(() => this.#expire(), this.#timeout);
  }

  #end() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#ended();
  }
}

module.exports = { OPEN_RESPONSE, ResponsePort };
