'use strict';

// The source of a stream that its own thread feeds: a buffer between the producer and the iterator
// (crates/async-iterable-bridge/src/js/scripts/iterator.js says what a source is).
//
// It ends once: by done(), by fail() or by an item that rejects, after the items pushed before; or
// by the consumer, which drops the buffer. From then on the source takes nothing.
//
// The buffer is the end of a chain of links. The iterator reads the beginning of this chain. A drain moves no item: it
// returns the number of further links that are now the iterator's. Any call may throw for want of stack: the frequent
// ones change nothing before the last call that may throw, and the others reserve stack first.

const { queueFull } = require('../support/errors.js');
const {
  CLOSED,
  Failure,
  PARKED,
  handOver,
  open,
  resumeEarly,
  stackReserve,
  unread,
  wake,
} = require('../addon/runtime.js');
const { mayBeThenable, settle, suppressRejection } = require('../support/thenable.js');
const { REFERENCE_BYTES, weightOf } = require('./weight.js');

const { AbortController: EngineAbortController, Promise: EnginePromise } = globalThis;
const { apply } = Reflect;
const { abort } = EngineAbortController.prototype;
const { deref } = WeakRef.prototype;
const { register } = FinalizationRegistry.prototype;
const resolved = EnginePromise.resolve.bind(EnginePromise);

const reserveStack = {
  wake: stackReserve(),
  finish: stackReserve(),
  resumeEarly: stackReserve(),
  promise: stackReserve(),
  drop: stackReserve(),
  ready: stackReserve(),
  resolve: stackReserve(),
};

/** The states of `BridgeStats`. A state leads only to later ones. */
const State = Object.freeze({
  OPEN: 'open',
  CLOSED: 'closed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
});

/** The value of a link while its item is a promise that has not settled. */
const PENDING = Symbol('pending');

/** The value of a link whose item was dropped before its promise settled. */
const DROPPED = Symbol('dropped');

/**
 * @typedef {object} Link - An element of the chain.
 * @property {unknown} item
 * @property {number} bytes - The item's weight when it was pushed: a buffer may be detached or resized later.
 * @property {Link | null} next
 */

class PushSource {
  /** A source that keeps the hidden classes of sources and links alive, as in iterator.js. */
  // biome-ignore lint/correctness/noUnusedPrivateClassMembers: it is there to be kept
  static #classAnchor = new PushSource({ capacity: 1, maxBytes: 1, overflow: 'block' });

  #capacity;
  #maxBytes;
  #overflow;
  #state = State.OPEN;
  #hasStarted = false;
  /** The end that the consumer gets once, after the buffer; `undefined` until the source has ended. */
  #end;
  /** The last link of the chain, and the number of last links that are the buffer. */
  #last = { item: undefined, bytes: 0, next: null };
  #buffered = 0;
  #bytes = 0;
  /** The link before the buffer; only if the oldest item may be dropped. */
  #before;
  /** The first link that is pending, and the number and the bytes of the buffer's links before it. */
  #firstPending = null;
  #settled = 0;
  #settledBytes = 0;
  #parked;
  /** The entry that holds the stream while the stream yields to the event loop. */
  #yielded;
  /** The list of the calls of ready() that wait. */
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

  /** Opens the stream of the source. Only called once. */
  open(timeSlice) {
    return open(this, timeSlice, this.#last);
  }

  push(item, bytes) {
    if (mayBeThenable(item)) return this.#pushPromise(item, bytes);
    const weight = bytes ?? weightOf(item);
    if (this.#state !== State.OPEN) return false;
    if (this.#parked !== undefined) {
      if (this.#buffered === 0 && this.#handOver(item)) return true;
      reserveStack.wake();
    }
    if (this.#overflow !== 'block' && !this.#applyOverflow(weight)) return false;
    return this.#yielded === undefined
      ? this.#append(item, weight)
      : this.#appendWhileYielding(item, weight);
  }

  done() {
    if (this.#state !== State.OPEN) return;
    reserveStack.finish();
    this.#finish(State.CLOSED, CLOSED);
  }

  fail(reason) {
    if (this.#state !== State.OPEN) return;
    reserveStack.finish();
    this.#finish(State.FAILED, new Failure(reason));
  }

  ready() {
    if (this.#state !== State.OPEN) return resolved(false);
    if (this.#hasCapacity()) return resolved(true);
    reserveStack.ready();
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

  /** Returns the signal, which is created when it is first read: most never are. */
  get signal() {
    if (this.#abortion === undefined) {
      const abortion = new EngineAbortController();
      if (this.#state === State.CANCELLED) apply(abort, abortion, []);
      this.#abortion = abortion;
    }
    return this.#abortion.signal;
  }

  start(yielded) {
    this.#yielded = yielded;
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
    if (this.#firstWaiting !== null) reserveStack.resolve();
    if (this.#before !== undefined) this.#moveBefore(count);
    this.#buffered -= count;
    this.#bytes = hasPending ? this.#bytes - this.#settledBytes : 0;
    this.#settled = 0;
    this.#settledBytes = 0;
    // Hooks of the program, called when a promise resolves, may push.
    if (this.#state === State.OPEN && this.#hasCapacity()) this.#resolveReady(true);
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
    this.#resolveReady(false);
    if (this.#abortion !== undefined) apply(abort, this.#abortion, []);
  }

  /** Cancels the source after its stream was collected: no consumer can read it any more. */
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

  /** Reports whether a drain would park. */
  get isExhausted() {
    if (this.#firstPending !== null) return this.#settled === 0;
    return this.#buffered === 0 && this.#end === undefined;
  }

  /** Reports whether the consumer waits for an item or the end. */
  get isParked() {
    return this.#parked !== undefined;
  }

  #pushPromise(promise, bytes = REFERENCE_BYTES) {
    reserveStack.promise();
    if (this.#state !== State.OPEN || (this.#overflow !== 'block' && !this.#applyOverflow(bytes))) {
      suppressRejection(promise);
      return false;
    }
    // The promise is in the chain before its own `then` runs, which may call back into the stream.
    const link = this.#link(PENDING, bytes);
    if (this.#firstPending === null) {
      this.#firstPending = link;
      this.#settled = this.#buffered - 1;
      this.#settledBytes = this.#bytes - bytes;
    }
    if (this.#parked !== undefined) this.#wakeUnlessPending();
    settle(
      promise,
      (settled) => this.#fulfill(link, settled),
      (reason) => this.#failAt(link, reason),
    );
    return this.#state === State.OPEN && this.#hasCapacity();
  }

  /** Hands the item to a waiting consumer, which may call back into the stream. Returns whether the consumer has it. */
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

  /** Appends an item to the buffer, and wakes the consumer. Returns whether there is capacity for more. */
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
   * Appends an item as #append() does, while the stream yields to the event loop. A producer that is more than twice
   * the capacity ahead has not waited for ready(). It keeps the event loop from turning: for as long, the stream would
   * not continue, and the buffer would grow.
   */
  #appendWhileYielding(item, bytes) {
    const yielded = this.#yielded;
    if (yielded.stream === null) {
      this.#yielded = undefined;
      return this.#append(item, bytes);
    }
    if (unread(yielded.stream) + this.#buffered < 2 * this.#capacity) {
      return this.#append(item, bytes);
    }
    reserveStack.resumeEarly();
    this.#yielded = undefined;
    this.#append(item, bytes);
    resumeEarly(yielded);
    return this.#state === State.OPEN && this.#hasCapacity();
  }

  /** Applies an `overflow` policy other than `block`. Returns whether to take the new item. */
  #applyOverflow(bytes) {
    if (this.#fits(bytes)) return true;
    if (this.#overflow === 'error') throw queueFull();
    reserveStack.drop();
    if (this.#overflow === 'drop-newest') {
      this.#pushed++;
      this.#dropped++;
      return false;
    }
    while (!this.#fits(bytes)) this.#dropOldest();
    return true;
  }

  /** Reports whether an item fits. An item that is larger than the bound still passes, alone. */
  #fits(bytes) {
    return (
      this.#buffered === 0 ||
      (this.#buffered < this.#capacity && this.#bytes + bytes <= this.#maxBytes)
    );
  }

  #hasCapacity() {
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

  /** Finds the link before the buffer, when `count` links leave the buffer. */
  #moveBefore(count) {
    let before = this.#last;
    if (count < this.#buffered) {
      before = this.#before;
      for (let moved = 0; moved < count; moved++) before = before.next;
    }
    this.#before = before;
  }

  /** Finds the next pending link, starting at `link`. All links before `link` have settled. */
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

  /** Replaces a promise with its item. */
  #fulfill(link, item) {
    if (this.#state === State.CANCELLED || link.item === DROPPED) return;
    link.item = item;
    if (link !== this.#firstPending) return;
    this.#findPending(link);
    this.#wakeUnlessPending();
  }

  /** Fails the stream at this item. Items pushed later are dropped. */
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

  /** Notifies a subclass that the stream has failed because an item rejected. */
  itemRejected() {}

  #finish(state, end) {
    this.#state = state;
    this.#end = end;
    this.#wake();
    this.#resolveReady(false);
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

  /** Resolves the calls of ready() that wait. A call that could not be resolved continues to wait. */
  #resolveReady(hasCapacity) {
    while (this.#firstWaiting !== null) {
      const { resolve, next } = this.#firstWaiting;
      resolve(hasCapacity);
      this.#firstWaiting = next;
    }
  }
}

// The iterator finds a property of a source here, or nowhere.
Object.setPrototypeOf(PushSource.prototype, null);

/** The registry that cancels the source of a forgotten stream. It holds sources weakly: a source holds its parked stream. */
const forgotten = new FinalizationRegistry((source) => apply(deref, source, [])?.forget());

/** Opens the stream of a source, and cancels the source when the stream is forgotten. */
function openPushSource(source, timeSlice) {
  const stream = source.open(timeSlice);
  apply(register, forgotten, [stream, new WeakRef(source)]);
  return stream;
}

module.exports = { PushSource, openPushSource };
