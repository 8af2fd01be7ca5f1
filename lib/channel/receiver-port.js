'use strict';

// The port of a channel's receiver (crates/async-iterable-bridge/src/js/iterator.js says what a port is).

const native = require('../../native.js');
const { decodeBatch } = require('../codec/decoder.js');
const { producerTerminated } = require('../errors.js');
const { CLOSED, Failure, PARKED, listen, wake } = require('../runtime.js');
const { decodeReason } = require('./copy.js');
const { stayForWake } = require('./turn.js');

/** The codes of src/channel.rs. */
const Outcome = Object.freeze({ PARKED: 0, CLOSED: 1, FAILED: 2, TERMINATED: 3, BATCHES: 4 });
const STATES = ['idle', 'open', 'closed', 'failed', 'cancelled'];

/** Places of a batch in what has crossed, which begins with two others. */
const FIRST = 2;
const PLACES = 4;

/** Ports that wait. With their streams, they must not be collected. */
const parked = new Set();

class ReceiverPort {
  #native;
  #capacity;
  #parked;
  #hasFailed = false;

  constructor(handle, capacity) {
    this.#native = handle;
    this.#capacity = capacity;
    listen(native.receiverNumber(handle), this);
  }

  drain(stream) {
    try {
      const crossed = native.drainChannel(this.#native);
      const [outcome, isHere] = crossed;
      stayForWake(isHere);
      switch (outcome) {
        case Outcome.BATCHES:
          return itemsOf(crossed);
        case Outcome.PARKED:
          this.#parked = stream;
          parked.add(this);
          return PARKED;
        case Outcome.FAILED:
          return new Failure(decodeReason(...crossed.slice(FIRST + 1)));
        case Outcome.TERMINATED:
          return new Failure(producerTerminated());
        default:
          return CLOSED;
      }
    } catch (reason) {
      // What cannot cross, such as a string longer than the engine allows, ends the stream.
      this.#hasFailed = true;
      this.cancel(0);
      return new Failure(reason);
    }
  }

  wake() {
    const stream = this.#parked;
    this.#unpark();
    if (stream !== undefined) wake(stream);
  }

  cancel(unread) {
    this.#unpark();
    stayForWake(native.cancelChannel(this.#native, unread));
  }

  stats() {
    const stats = native.channelStats(this.#native);
    const [pushed, dropped, buffered, bufferedBytes, wakes, producerWaits, state] = stats;
    return {
      pushed,
      dropped,
      skipped: 0,
      buffered,
      bufferedBytes,
      capacity: this.#capacity,
      wakes,
      producerWaits,
      state: this.#hasFailed ? 'failed' : STATES[state],
    };
  }

  #unpark() {
    this.#parked = undefined;
    parked.delete(this);
  }
}

function itemsOf(crossed) {
  const items = [];
  for (let place = FIRST; place < crossed.length; place += PLACES) {
    const skipped = crossed[place];
    const start = items.length;
    decodeBatch(new Uint8Array(crossed[place + 1]), crossed[place + 2], crossed[place + 3], items);
    if (skipped > 0) items.splice(start, skipped);
  }
  return items;
}

module.exports = { ReceiverPort };
