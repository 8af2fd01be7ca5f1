'use strict';

// The port of a stream that its own thread feeds: a buffer between whoever pushes and the iterator
// (crates/async-iterable-bridge/src/js/iterator.js says what a port is).
//
// It ends once: by done(), by fail() or by an item that rejects, after what was pushed before; or
// by the consumer, who drops the buffer. From then on nothing is taken.

const { isProxy } = require('node:util/types');
const { expectStack } = require('./channel/stack.js');
const { queueFull } = require('./errors.js');
const { CLOSED, Failure, PARKED, open, wake } = require('./runtime.js');
const { disown, isThenable } = require('./thenable.js');
const { weightOf } = require('./weight.js');

const { then } = Promise.prototype;

/** The states of `BridgeStats`, each of which leads only to later ones. */
const State = Object.freeze({
  OPEN: 'open',
  CLOSED: 'closed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
});

/** Places before the first item, from which on the array is worth moving. */
const MOST_EMPTY_PLACES = 1024;

/** An item that is a promise, which keeps its place until it has settled. */
class PromisedItem {
  /** How many items were put into the buffer before it. */
  #position;
  hasSettled = false;
  value = undefined;

  constructor(position) {
    this.#position = position;
  }

  /** Not `instanceof`, which asks a proxy, who may throw. */
  static is = (item) => typeof item === 'object' && item !== null && #position in item;

  static position = (item) => item.#position;
}

const isPending = (item) => PromisedItem.is(item) && !item.hasSettled;

class PushPort {
  #capacity;
  #maxBytes;
  #overflow;
  #state = State.OPEN;
  #hasStarted = false;
  /** What the consumer gets after the buffer; empty until the end, and told once. */
  #end;
  #items = [];
  /** What each of them weighed when it came: a buffer may be detached or resized. */
  #weights = [];
  /** Where the first item is: those before it have left. */
  #head = 0;
  /** How many items were put into the buffer before those of #items. */
  #passed = 0;
  #bytes = 0;
  /** How many of the items are promises. */
  #promised = 0;
  #parked;
  #waiting = [];
  #abortion;
  #pushed = 0;
  #dropped = 0;
  #wakes = 0;
  #waits = 0;

  constructor({ capacity, maxBytes, overflow }) {
    this.#capacity = capacity;
    this.#maxBytes = maxBytes;
    this.#overflow = overflow;
  }

  push(item, bytes = weightOf(item)) {
    const thenable = isProxy(item) || isThenable(item);
    if (thenable) expectStack();
    if (this.#state !== State.OPEN) {
      disown(item);
      return false;
    }
    if (!this.#hasRoomFor(bytes)) {
      if (this.#overflow === 'error') throw queueFull();
      if (this.#overflow === 'drop-newest') {
        disown(item);
        this.#pushed++;
        this.#dropped++;
        return false;
      }
      if (this.#overflow === 'drop-oldest') while (!this.#hasRoomFor(bytes)) this.#dropOldest();
    }
    // It has its place before anybody's `then` runs, which may call back into the stream.
    const entry = thenable ? new PromisedItem(this.#passed + this.#items.length) : item;
    this.#items.push(entry);
    this.#weights.push(bytes);
    this.#bytes += bytes;
    this.#pushed++;
    if (thenable) {
      this.#promised++;
      this.#settle(entry, item);
    }
    if (!isPending(this.#items[this.#head])) this.#wake();
    return this.#state === State.OPEN && this.#hasRoom();
  }

  done() {
    if (this.#state !== State.OPEN) return;
    expectStack();
    this.#finish(State.CLOSED, CLOSED);
  }

  fail(reason) {
    if (this.#state !== State.OPEN) return;
    expectStack();
    this.#finish(State.FAILED, new Failure(reason));
  }

  ready() {
    if (this.#state !== State.OPEN) return Promise.resolve(false);
    if (this.#hasRoom()) return Promise.resolve(true);
    this.#waits++;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Made when it is first asked for, as most never are. */
  get signal() {
    if (this.#abortion === undefined) {
      this.#abortion = new AbortController();
      if (this.#state === State.CANCELLED) this.#abortion.abort();
    }
    return this.#abortion.signal;
  }

  drain(stream) {
    this.#hasStarted = true;
    const items = this.#promised === 0 ? this.#takeAll() : this.#takeSettled();
    if (items.length > 0) {
      if (this.#state === State.OPEN && this.#hasRoom()) this.#tellWaiting(true);
      return items;
    }
    if (this.#end === undefined || this.#promised > 0) {
      this.#parked = stream;
      return PARKED;
    }
    const end = this.#end;
    this.#end = CLOSED;
    return end;
  }

  cancel(unread) {
    this.#dropped += unread + this.#buffered;
    this.#takeAll();
    this.#parked = undefined;
    this.#state = State.CANCELLED;
    this.#end = CLOSED;
    this.#tellWaiting(false);
    this.#abortion?.abort();
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

  get #buffered() {
    return this.#items.length - this.#head;
  }

  /** One item that is larger than the bound still passes, alone. */
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
    this.#release(this.#head, this.#head + 1);
    this.#dropped++;
  }

  /** Lets the items of these places go, the first of which is #head. */
  #release(start, end) {
    for (let index = start; index < end; index++) this.#uncount(index);
    this.#items.fill(undefined, start, end);
    this.#head = end;
    // Moved once in as many drops as there are items, so that a drop costs the same for any capacity.
    if (this.#head > MOST_EMPTY_PLACES && this.#head > this.#buffered) {
      this.#items = this.#items.slice(this.#head);
      this.#weights = this.#weights.slice(this.#head);
      this.#passed += this.#head;
      this.#head = 0;
    }
  }

  #uncount(index) {
    this.#bytes -= this.#weights[index];
    if (PromisedItem.is(this.#items[index])) this.#promised--;
  }

  #takeAll() {
    const items = this.#head === 0 ? this.#items : this.#items.slice(this.#head);
    this.#passed += this.#items.length;
    this.#items = [];
    this.#weights = [];
    this.#head = 0;
    this.#bytes = 0;
    this.#promised = 0;
    return items;
  }

  /** What comes before the first promise that has not settled. */
  #takeSettled() {
    const items = this.#items;
    let end = this.#head;
    while (end < items.length && !isPending(items[end])) end++;
    const taken = items.slice(this.#head, end);
    if (end === items.length) this.#takeAll();
    else this.#release(this.#head, end);
    return taken.map((item) => (PromisedItem.is(item) ? item.value : item));
  }

  /** Exactly as a generator does before it yields. */
  async #settle(promised, item) {
    try {
      promised.value = await item;
    } catch (reason) {
      this.#failAt(promised, reason);
      return;
    }
    promised.hasSettled = true;
    if (this.#items[this.#head] === promised) this.#wake();
  }

  /** The stream fails where this item would have come. What was pushed later never comes. */
  #failAt(promised, reason) {
    const index = PromisedItem.position(promised) - this.#passed;
    if (this.#items[index] !== promised) return; // it was dropped
    for (let place = index; place < this.#items.length; place++) this.#uncount(place);
    this.#dropped += this.#items.length - index;
    this.#items.length = index;
    this.#weights.length = index;
    this.#finish(State.FAILED, new Failure(reason));
    this.itemRejected();
  }

  /** For subclasses: the stream has failed by itself. */
  itemRejected() {}

  #finish(state, end) {
    this.#state = state;
    this.#end = end;
    this.#wake();
    this.#tellWaiting(false);
  }

  #wake() {
    if (this.#parked === undefined) return;
    const stream = this.#parked;
    this.#parked = undefined;
    this.#wakes++;
    try {
      wake(stream);
    } catch {
      // The stack is full. What has come is taken all the same, and the consumer is woken with all of the stack.
      Reflect.apply(then, Promise.resolve(), [() => wake(stream)]);
    }
  }

  #tellWaiting(hasRoom) {
    for (const resolve of this.#waiting.splice(0)) resolve(hasRoom);
  }
}

/** Cancels what feeds a stream that was forgotten. It must not keep the stream, which may be parked. */
const forgotten = new FinalizationRegistry((port) => port.deref()?.forget());

/** The stream of a port. */
function openPushPort(port, timeSlice) {
  const stream = open(port, timeSlice);
  forgotten.register(stream, new WeakRef(port));
  return stream;
}

module.exports = { PushPort, openPushPort };
