'use strict';

// The port of a channel's receiver (crates/async-iterable-bridge/src/js/iterator.js says what a port is).

const native = require('../native.js');
const { Scratch, decodeBatch } = require('../codec/decoder.js');
const { producerTerminated } = require('../errors.js');
const { unpackError } = require('../portable-error.js');
const { CLOSED, Failure, PARKED, countElsewhere, waiting, wake } = require('../runtime.js');
const { endings } = require('./endings.js');
const { Patience } = require('./patience.js');
const { stayForWake } = require('./turn.js');

/** The codes of src/channel/receiver.rs. */
const Outcome = Object.freeze({ NOTHING: 0, CLOSED: 1, TERMINATED: 2, FAILED: 3, BATCHES: 4 });
const STATES = ['idle', 'open', 'closed', 'failed', 'cancelled'];

/** What receivers are called where streams are listed. */
const KIND = 'channel';

/** Places of a batch in what has crossed, which begins with two others. */
const FIRST = 2;
const PLACES = 4;

/** Where the heads of batches cross, as many as have room. Nobody else runs until they are decoded. */
const scratch = new Scratch(64 * 1024);

class ReceiverPort {
  /** The number of the channel's end. */
  #native;
  #parked;
  #hasFailed = false;
  /** Of an item behind those that the consumer has got. */
  #failure;
  #patience = new Patience(
    () => this.#hasEnded(),
    () => this.#wakeUnlessParked(),
  );

  /** `openEnd` opens the end to which a port listens, and gives its number. */
  constructor(openEnd) {
    this.#native = openEnd(this);
  }

  drain(stream) {
    if (this.#failure !== undefined) return this.#fail(this.#failure);
    try {
      const drained = native.drainChannel(this.#native, !this.#patience.looks, scratch.bytes);
      switch (drained) {
        case Outcome.NOTHING:
          this.#parked = stream;
          waiting.add(this);
          this.#patience.begin();
          return PARKED;
        case Outcome.CLOSED:
          return CLOSED;
        case Outcome.TERMINATED:
          return new Failure(producerTerminated());
        default:
          return this.#contentOf(drained);
      }
    } catch (reason) {
      // What cannot cross, such as a string longer than the engine allows, ends the stream.
      return this.#fail(new Failure(reason));
    }
  }

  wake() {
    const stream = this.#parked;
    if (stream === undefined) return;
    this.#patience.end();
    this.#unpark();
    wake(stream);
  }

  cancel(unread) {
    this.#unpark();
    this.#cancel(unread);
  }

  /** Leaves the channel by itself, as failed. A consumer who waits is woken, and finds what has become of it. */
  leave() {
    this.#hasFailed = true;
    this.#cancel(0);
    this.wake();
  }

  stats() {
    const stats = statsOf(native.channelStats(this.#native));
    if (this.#hasFailed) stats.state = 'failed';
    return stats;
  }

  get kind() {
    return KIND;
  }

  #cancel(unread) {
    endings.count++;
    stayForWake(native.cancelChannel(this.#native, unread));
  }

  /** The items that have crossed, or the failure. */
  #contentOf(crossed) {
    const [outcome, isHere] = crossed;
    stayForWake(isHere);
    const items = [];
    try {
      decodeAll(crossed, items);
    } catch (reason) {
      if (outcome === Outcome.FAILED || items.length === 0) throw reason;
      this.#failure = new Failure(reason);
    }
    return outcome === Outcome.FAILED ? new Failure(unpackError(items[0])) : items;
  }

  #fail(failure) {
    this.#hasFailed = true;
    this.cancel(0);
    return failure;
  }

  /** Whether there is something to be drained. */
  get hasArrived() {
    return this.#failure !== undefined || native.hasArrived(this.#native);
  }

  /** Whether nobody waits any more. */
  #hasEnded() {
    if (this.#parked !== undefined && this.hasArrived) this.wake();
    return this.#parked === undefined;
  }

  #wakeUnlessParked() {
    if (!native.parkReceiver(this.#native)) this.wake();
  }

  #unpark() {
    this.#parked = undefined;
    waiting.delete(this);
  }
}

/** The port of a receiver with ties to other threads. `tie` makes these and returns a function that releases them. */
class TiedReceiverPort extends ReceiverPort {
  #release;

  constructor(openEnd, tie) {
    super(openEnd);
    this.#release = tie();
    forgotten.register(this, this.#release);
  }

  drain(stream) {
    const drained = super.drain(stream);
    if (drained === CLOSED || drained instanceof Failure) this.#release();
    return drained;
  }

  cancel(unread) {
    super.cancel(unread);
    this.#release();
  }
}

/** Releases the ties of streams that were forgotten. */
const forgotten = new FinalizationRegistry((release) => release());

function statsOf(numbers) {
  const [pushed, dropped, skipped, buffered, bufferedBytes, capacity, wakes, producerWaits, state] =
    numbers;
  return {
    pushed,
    dropped,
    skipped,
    buffered,
    bufferedBytes,
    capacity,
    wakes,
    producerWaits,
    state: STATES[state],
  };
}

countElsewhere(KIND, native.channelsElsewhere);

/** Appends the items that have crossed; or throws, and has appended those before. */
function decodeAll(crossed, items) {
  let slot = 0;
  for (let place = FIRST; place < crossed.length; place += PLACES) {
    const skipped = crossed[place];
    const head = crossed[place + 1];
    const texts = crossed[place + 2] ?? [];
    const chunks = crossed[place + 3] ?? [];
    const start = items.length;
    try {
      if (typeof head === 'number') {
        scratch.decode(slot, slot + head, texts, chunks, items);
        slot += head;
      } else decodeBatch(new Uint8Array(head), texts, chunks, items);
    } finally {
      if (skipped > 0) items.splice(start, skipped);
    }
  }
}

module.exports = { ReceiverPort, TiedReceiverPort };
