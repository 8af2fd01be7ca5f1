'use strict';

// The source of a channel's receiver (crates/async-iterable-bridge/src/js/scripts/iterator.js says what a source is).

const native = require('../addon/native.js');
const { Scratch, decodeBatch } = require('../codec/decoder.js');
const { producerTerminated } = require('../support/errors.js');
const { unpackError } = require('../support/portable-error.js');
const {
  CLOSED,
  Failure,
  PARKED,
  countInOtherThreads,
  isStackOverflow,
  statsOf,
  waiting,
  wake,
} = require('../addon/runtime.js');
const { SpinThenPark } = require('./spin.js');
const { endEpoch, refUntilWake, setImmediate } = require('./event-loop.js');

/** The codes of src/channel/receiver.rs. */
const Outcome = Object.freeze({ NOTHING: 0, CLOSED: 1, TERMINATED: 2, FAILED: 3, BATCHES: 4 });

/** The name of receivers in lists of streams. */
const KIND = 'channel';

/** The index of the first batch in what has crossed, behind two other values, and the number of values of a batch. */
const FIRST = 2;
const BATCH_FIELDS = 4;

/** The memory through which heads of batches cross, as far as they fit. A source that could not decode them keeps it. */
const SCRATCH_BYTES = 64 * 1024;
let scratch = new Scratch(SCRATCH_BYTES);

class ReceiverSource {
  /** The number of the channel's end. */
  #native;
  #parked;
  #hasFailed = false;
  /** The batches that have crossed and are not decoded yet, and the scratch that they use. */
  #crossed;
  #scratch;
  /** The failure of an item behind those that the consumer has received. */
  #failure;
  /** Whether a wake is running, so that all of the stack is free. */
  #isWoken = false;
  #spin = new SpinThenPark(
    () => this.#hasEnded(),
    () => this.#wakeUnlessParked(),
  );

  /** `openEnd` opens the end that a source listens to, and returns its number. */
  constructor(openEnd) {
    this.#native = openEnd(this);
  }

  drain(stream) {
    if (this.#failure !== undefined) return this.#fail(this.#failure);
    try {
      this.#crossed ??= this.#receive();
    } catch (reason) {
      // Nothing has crossed: only this call fails.
      if (isStackOverflow(reason)) throw reason;
      return this.#fail(new Failure(reason));
    }
    switch (this.#crossed) {
      case Outcome.NOTHING:
        this.#crossed = undefined;
        this.#park(stream);
        this.#spin.begin();
        return PARKED;
      case Outcome.CLOSED:
        return CLOSED;
      default:
        return this.#decode(stream);
    }
  }

  wake() {
    const stream = this.#parked;
    if (stream === undefined) return;
    this.#spin.end();
    this.#unpark();
    this.#isWoken = true;
    try {
      wake(stream);
    } finally {
      this.#isWoken = false;
    }
  }

  cancel(unread) {
    this.#unpark();
    this.#cancel(unread + this.#dropCrossed());
  }

  /** Cancels the channel, and counts as failed. Wakes a consumer that waits, which then finds the failure. */
  cancelAsFailed() {
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
    endEpoch.count++;
    refUntilWake(native.cancelChannel(this.#native, unread));
  }

  #receive() {
    scratch ??= new Scratch(SCRATCH_BYTES);
    const crossed = native.drainChannel(this.#native, !this.#spin.spins, scratch.bytes);
    if (typeof crossed === 'number') return crossed;
    this.#scratch = scratch;
    scratch = undefined;
    return crossed;
  }

  /**
   * Returns the items that have crossed, or the failure. If they cannot be decoded here, parks the stream and decodes
   * them in a turn of its own, with all of the stack. An item that cannot be decoded there ends the stream, after the
   * items before it.
   */
  #decode(stream) {
    const items = [];
    let content;
    try {
      content = contentOf(this.#crossed, this.#scratch, items);
    } catch (reason) {
      if (!this.#isWoken) {
        setImmediate(() => this.wake());
        this.#park(stream);
        return PARKED;
      }
      if (items.length === 0 || this.#crossed[0] === Outcome.FAILED)
        return this.#fail(new Failure(reason));
      this.#failure = new Failure(reason);
      content = items;
    }
    this.#crossed = undefined;
    scratch = this.#scratch ?? scratch;
    this.#scratch = undefined;
    return content;
  }

  /** Drops the batches that are not decoded yet. Returns the number of their items, as far as they can be decoded. */
  #dropCrossed() {
    if (!Array.isArray(this.#crossed) || this.#crossed[0] === Outcome.FAILED) return 0;
    const items = [];
    try {
      decodeAll(this.#crossed, this.#scratch, items);
    } catch {
      // The consumer does not want them.
    }
    this.#crossed = undefined;
    this.#scratch = undefined;
    return items.length;
  }

  #fail(failure) {
    this.#hasFailed = true;
    this.cancel(0);
    return failure;
  }

  /** Reports whether there is something to drain. */
  get hasArrived() {
    return (
      this.#failure !== undefined || this.#crossed !== undefined || native.hasArrived(this.#native)
    );
  }

  /** Wakes the stream if something has arrived. Returns whether no stream is parked any more. */
  #hasEnded() {
    if (this.#parked !== undefined && this.hasArrived) this.wake();
    return this.#parked === undefined;
  }

  #wakeUnlessParked() {
    if (!native.parkReceiver(this.#native)) this.wake();
  }

  #park(stream) {
    this.#parked = stream;
    waiting.add(this);
  }

  #unpark() {
    this.#parked = undefined;
    waiting.delete(this);
  }
}

/** The source of a receiver with ties to other threads. `tie` makes them, and returns a function that releases them. */
class TiedReceiverSource extends ReceiverSource {
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

/** The registry that releases the ties of streams that were forgotten. */
const forgotten = new FinalizationRegistry((release) => release());

countInOtherThreads(KIND, native.channelsElsewhere);

/** Returns the items that have crossed, or the failure. Throws as decodeAll() does, with the items before appended. */
function contentOf(crossed, scratch, items) {
  if (crossed === Outcome.TERMINATED) return new Failure(producerTerminated());
  decodeAll(crossed, scratch, items);
  refUntilWake(crossed[1]);
  return crossed[0] === Outcome.FAILED ? new Failure(unpackError(items[0])) : items;
}

/** Appends the items that have crossed. If one cannot be decoded, throws and has appended those before it. */
function decodeAll(crossed, scratch, items) {
  let slot = 0;
  for (let index = FIRST; index < crossed.length; index += BATCH_FIELDS) {
    const skipped = crossed[index];
    const head = crossed[index + 1];
    const texts = crossed[index + 2] ?? [];
    const chunks = crossed[index + 3] ?? [];
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

module.exports = { ReceiverSource, TiedReceiverSource };
