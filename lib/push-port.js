'use strict';

// The port of a stream that its own thread feeds: a buffer between the producer and the iterator
// (crates/async-iterable-bridge/src/js/iterator.js says what a port is).
//
// It ends once: by done(), by fail() or by an item that rejects, after what was pushed before; or
// by the consumer, who drops the buffer. From then on nothing is taken.
//
// The buffer is the end of a chain of links, the beginning of which the iterator reads: a drain moves no item, and
// says how many more are the iterator's. Any call may throw for want of stack: the frequent ones change nothing
// before the last call that may, and the others reserve stack first.

const { queueFull } = require('./errors.js');
const {
  CLOSED,
  Failure,
  PARKED,
  handOver,
  open,
  press,
  stackReserve,
  unread,
  wake,
} = require('./runtime.js');
const { disown, mayBeThenable } = require('./thenable.js');
const { REFERENCE_BYTES, weightOf } = require('./weight.js');

const { AbortController: EngineAbortController, Promise: EnginePromise } = globalThis;
const { apply } = Reflect;
const { abort } = EngineAbortController.prototype;
const { deref } = WeakRef.prototype;
const { register } = FinalizationRegistry.prototype;
const resolved = EnginePromise.resolve.bind(EnginePromise);

const reserve = {
  wake: stackReserve(),
  finish: stackReserve(),
  press: stackReserve(),
  promise: stackReserve(),
  drop: stackReserve(),
  ready: stackReserve(),
  answer: stackReserve(),
};

/** The states of `BridgeStats`, each of which leads only to later ones. */
const State = Object.freeze({
  OPEN: 'open',
  CLOSED: 'closed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
});

/** What a link has in the place of an item, while that is a promise which has not settled. */
const PENDING = Symbol('pending');

/** The same, where the item was dropped before. */
const DROPPED = Symbol('dropped');

/**
 * @typedef {object} Link - A place of the chain.
 * @property {unknown} item
 * @property {number} bytes - What it weighed when it came: a buffer may be detached or resized.
 * @property {Link | null} next
 */

class PushPort {
  /** As in iterator.js: keeps the hidden classes of ports and links alive. */
  // biome-ignore lint/correctness/noUnusedPrivateClassMembers: it is there to be kept
  static #eternal = new PushPort({ capacity: 1, maxBytes: 1, overflow: 'block' });

  #capacity;
  #maxBytes;
  #overflow;
  #state = State.OPEN;
  #hasStarted = false;
  /** What the consumer gets after the buffer; empty until the end, and told once. */
  #end;
  /** The last link of the chain, and how many of the last ones are the buffer. */
  #last = { item: undefined, bytes: 0, next: null };
  #buffered = 0;
  #bytes = 0;
  /** The link before the buffer; only where the oldest item may be dropped. */
  #before;
  /** The first link that is pending, and what is in the buffer before it. */
  #firstPending = null;
  #settled = 0;
  #settledBytes = 0;
  #parked;
  /** Has the stream, if that rests for the event loop. */
  #resting;
  /** The calls of ready() that wait, in a list. */
  #firstWaiting = null;
  #lastWaiting = null;
  #abortion;
  #pushed = 0;
  #dropped = 0;
  #wakes = 0;
  #waits = 0;

  constructor({ capacity, maxBytes, overflow }) {
    this.#capacity = capacity;
    this.#maxBytes = maxBytes;
    this.#overflow = overflow;
    if (overflow === 'drop-oldest') this.#before = this.#last;
  }

  /** Opens the stream of the port. Only called once. */
  open(timeSlice) {
    return open(this, timeSlice, this.#last);
  }

  push(item, bytes) {
    if (mayBeThenable(item)) return this.#pushPromise(item, bytes);
    const weight = bytes ?? weightOf(item);
    if (this.#state !== State.OPEN) return false;
    if (this.#parked !== undefined) {
      if (this.#buffered === 0 && this.#handOver(item)) return true;
      reserve.wake();
    }
    if (this.#overflow !== 'block' && !this.#makeRoomFor(weight)) return false;
    return this.#resting === undefined
      ? this.#append(item, weight)
      : this.#appendToResting(item, weight);
  }

  done() {
    if (this.#state !== State.OPEN) return;
    reserve.finish();
    this.#finish(State.CLOSED, CLOSED);
  }

  fail(reason) {
    if (this.#state !== State.OPEN) return;
    reserve.finish();
    this.#finish(State.FAILED, new Failure(reason));
  }

  ready() {
    if (this.#state !== State.OPEN) return resolved(false);
    if (this.#hasRoom()) return resolved(true);
    reserve.ready();
    let waiting;
    const ready = new EnginePromise((resolve) => {
      waiting = { resolve, next: null };
    });
    if (this.#firstWaiting === null) this.#firstWaiting = waiting;
    else this.#lastWaiting.next = waiting;
    this.#lastWaiting = waiting;
    this.#waits++;
    return ready;
  }

  /** Made when it is first asked for, as most never are. */
  get signal() {
    if (this.#abortion === undefined) {
      const abortion = new EngineAbortController();
      if (this.#state === State.CANCELLED) apply(abort, abortion, []);
      this.#abortion = abortion;
    }
    return this.#abortion.signal;
  }

  start(resting) {
    this.#resting = resting;
  }

  drain(stream) {
    this.#hasStarted = true;
    if (this.#firstPending === null && this.#firstWaiting === null && this.#before === undefined) {
      const count = this.#buffered;
      if (count > 0) {
        this.#buffered = 0;
        this.#bytes = 0;
        return count;
      }
      if (this.#end === undefined) {
        this.#parked = stream;
        return PARKED;
      }
    }
    return this.#drainCarefully(stream);
  }

  #drainCarefully(stream) {
    const hasPending = this.#firstPending !== null;
    const count = hasPending ? this.#settled : this.#buffered;
    if (count === 0) {
      const end = this.#end;
      if (end === undefined || hasPending) {
        this.#parked = stream;
        return PARKED;
      }
      this.#end = CLOSED;
      return end;
    }
    if (this.#firstWaiting !== null) reserve.answer();
    if (this.#before !== undefined) this.#moveBefore(count);
    this.#buffered -= count;
    this.#bytes = hasPending ? this.#bytes - this.#settledBytes : 0;
    this.#settled = 0;
    this.#settledBytes = 0;
    // Hooks of the program, which are called when a promise resolves, may push.
    if (this.#state === State.OPEN && this.#hasRoom()) this.#tellWaiting(true);
    return count;
  }

  cancel(unread) {
    this.#dropped += unread + this.#buffered;
    this.#buffered = 0;
    this.#bytes = 0;
    this.#firstPending = null;
    this.#settled = 0;
    this.#settledBytes = 0;
    this.#last = undefined;
    this.#before = undefined;
    this.#parked = undefined;
    this.#state = State.CANCELLED;
    this.#end = CLOSED;
    this.#tellWaiting(false);
    if (this.#abortion !== undefined) apply(abort, this.#abortion, []);
  }

  /** The stream was collected, so no consumer can come back. */
  forget() {
    if (this.#state === State.OPEN) this.cancel(0);
  }

  stats() {
    return {
      pushed: this.#pushed,
      dropped: this.#dropped,
      skipped: 0,
      buffered: this.#buffered,
      bufferedBytes: this.#bytes,
      capacity: this.#capacity,
      wakes: this.#wakes,
      producerWaits: this.#waits,
      state: this.#state === State.OPEN && !this.#hasStarted ? 'idle' : this.#state,
    };
  }

  get kind() {
    return 'createAsyncIterable';
  }

  /** Tells whether a drain would park. */
  get isExhausted() {
    if (this.#firstPending !== null) return this.#settled === 0;
    return this.#buffered === 0 && this.#end === undefined;
  }

  /** Tells whether the consumer waits for an item or the end. */
  get isParked() {
    return this.#parked !== undefined;
  }

  #pushPromise(promise, bytes = REFERENCE_BYTES) {
    reserve.promise();
    if (this.#state !== State.OPEN || (this.#overflow !== 'block' && !this.#makeRoomFor(bytes))) {
      disown(promise);
      return false;
    }
    // It has its place before its own `then` runs, which may call back into the stream.
    const link = this.#link(PENDING, bytes);
    if (this.#firstPending === null) {
      this.#firstPending = link;
      this.#settled = this.#buffered - 1;
      this.#settledBytes = this.#bytes - bytes;
    }
    if (this.#parked !== undefined) this.#wakeUnlessPending();
    this.#settle(link, promise);
    return this.#state === State.OPEN && this.#hasRoom();
  }

  /** Gives the item to a consumer that waits, who may call back into the stream. Returns whether it did. */
  #handOver(item) {
    const stream = this.#parked;
    this.#parked = undefined;
    let hasIt = false;
    try {
      hasIt = handOver(stream, item);
    } finally {
      if (!hasIt) this.#parked = stream;
    }
    if (!hasIt) return false;
    this.#pushed++;
    this.#wakes++;
    return true;
  }

  /** Appends an item to the buffer, and wakes the consumer. Returns whether there is room for more. */
  #append(item, bytes) {
    this.#link(item, bytes);
    if (this.#parked !== undefined) {
      this.#wakeUnlessPending();
      if (this.#state !== State.OPEN) return false;
    }
    return this.#buffered < this.#capacity && this.#bytes < this.#maxBytes;
  }

  #link(item, bytes) {
    let link = this.#last.next;
    if (link === null) {
      link = { item, bytes, next: null };
      this.#last.next = link;
    } else {
      link.item = item;
      link.bytes = bytes;
      link.next = null;
    }
    this.#last = link;
    this.#buffered++;
    this.#bytes += bytes;
    this.#pushed++;
    return link;
  }

  /**
   * Appends an item, as #append(), while the stream rests. A producer who is more than twice the capacity ahead has not waited for
   * ready(). It keeps the loop from turning, so the stream would rest, and the buffer grow, for as long.
   */
  #appendToResting(item, bytes) {
    const resting = this.#resting;
    if (resting.stream === null) {
      this.#resting = undefined;
      return this.#append(item, bytes);
    }
    if (unread(resting.stream) + this.#buffered < 2 * this.#capacity) {
      return this.#append(item, bytes);
    }
    reserve.press();
    this.#resting = undefined;
    this.#append(item, bytes);
    press(resting);
    return this.#state === State.OPEN && this.#hasRoom();
  }

  /** Drops what the policy says, where nothing may wait. Returns whether the new item is to be taken. */
  #makeRoomFor(bytes) {
    if (this.#hasRoomFor(bytes)) return true;
    if (this.#overflow === 'error') throw queueFull();
    reserve.drop();
    if (this.#overflow === 'drop-newest') {
      this.#pushed++;
      this.#dropped++;
      return false;
    }
    while (!this.#hasRoomFor(bytes)) this.#dropOldest();
    return true;
  }

  /** Tells whether an item fits. One that is larger than the bound still passes, alone. */
  #hasRoomFor(bytes) {
    return (
      this.#buffered === 0 ||
      (this.#buffered < this.#capacity && this.#bytes + bytes <= this.#maxBytes)
    );
  }

  #hasRoom() {
    return this.#buffered < this.#capacity && this.#bytes < this.#maxBytes;
  }

  #dropOldest() {
    const link = this.#before.next;
    this.#before.next = link.next;
    if (this.#last === link) this.#last = this.#before;
    this.#drop(link);
    if (link === this.#firstPending) this.#findPending(link.next);
    else if (this.#firstPending !== null) {
      this.#settled--;
      this.#settledBytes -= link.bytes;
    }
  }

  #drop(link) {
    this.#buffered--;
    this.#bytes -= link.bytes;
    this.#dropped++;
    if (link.item === PENDING) link.item = DROPPED;
  }

  /** Finds the link before the buffer, when so many links leave it. */
  #moveBefore(count) {
    let before = this.#last;
    if (count < this.#buffered) {
      before = this.#before;
      for (let moved = 0; moved < count; moved++) before = before.next;
    }
    this.#before = before;
  }

  /** Looks for the next pending link from this one on, all before which have settled. */
  #findPending(link) {
    let next = link;
    for (; next !== null && next.item !== PENDING; next = next.next) {
      if (next.item === DROPPED) {
        // The stream fails there.
        next = null;
        break;
      }
      this.#settled++;
      this.#settledBytes += next.bytes;
    }
    this.#firstPending = next;
  }

  /** Awaits an item exactly as a generator does before it yields. */
  async #settle(link, promise) {
    let item;
    try {
      item = await promise;
    } catch (reason) {
      this.#failAt(link, reason);
      return;
    }
    if (this.#state === State.CANCELLED || link.item === DROPPED) return;
    link.item = item;
    if (link !== this.#firstPending) return;
    this.#findPending(link);
    this.#wakeUnlessPending();
  }

  /** Fails the stream where this item would have come. What was pushed later never comes. */
  #failAt(link, reason) {
    if (this.#state === State.CANCELLED || link.item === DROPPED) return;
    if (link === this.#firstPending) this.#firstPending = null;
    let dropped = link;
    while (dropped !== null && dropped.item !== DROPPED) {
      this.#drop(dropped);
      dropped = dropped.next;
    }
    link.next = null;
    this.#finish(State.FAILED, new Failure(reason));
    this.itemRejected();
  }

  /** Tells a subclass that the stream has failed by itself. */
  itemRejected() {}

  #finish(state, end) {
    this.#state = state;
    this.#end = end;
    this.#wake();
    this.#tellWaiting(false);
  }

  #wakeUnlessPending() {
    if (!this.isExhausted) this.#wake();
  }

  #wake() {
    if (this.#parked === undefined) return;
    const stream = this.#parked;
    this.#parked = undefined;
    this.#wakes++;
    wake(stream);
  }

  /** Answers the calls of ready() that wait; one that could not be answered goes on waiting. */
  #tellWaiting(hasRoom) {
    while (this.#firstWaiting !== null) {
      const { resolve: answer, next } = this.#firstWaiting;
      answer(hasRoom);
      this.#firstWaiting = next;
    }
  }
}

// What the iterator looks up on a port is found here, or nowhere.
Object.setPrototypeOf(PushPort.prototype, null);

/** Cancels what feeds a stream that was forgotten. It must not keep the stream, which may be parked. */
const forgotten = new FinalizationRegistry((port) => apply(deref, port, [])?.forget());

/** Opens the stream of a port, and cancels the port when the stream is forgotten. */
function openPushPort(port, timeSlice) {
  const stream = port.open(timeSlice);
  apply(register, forgotten, [stream, new WeakRef(port)]);
  return stream;
}

module.exports = { PushPort, openPushPort };
