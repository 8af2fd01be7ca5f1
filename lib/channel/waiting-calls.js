'use strict';

// The calls of a sender that wait, queues of them, and the way in which they wait for capacity.

const { reserveStack, waiting } = require('../addon/runtime.js');
const { refUntilWake, setImmediate, whenPermitsLapse } = require('./event-loop.js');
const { SpinThenPark } = require('./spin.js');

/** The functions that the executor `capture` received last. */
let resolve;
let reject;
const capture = (resolvePromise, rejectPromise) => {
  resolve = resolvePromise;
  reject = rejectPromise;
};

/** A call of ready(), send() or flush(). `resolve` and `reject` settle its promise. `new Call` expects the stack. */
class Call {
  next;

  constructor(item, isPromise = false, isFlush = false) {
    reserveStack();
    this.item = item;
    this.isPromise = isPromise;
    this.isFlush = isFlush;
    this.promise = new Promise(capture);
    this.resolve = resolve;
    this.reject = reject;
    // These variables would keep alive all that awaits the promise.
    resolve = undefined;
    reject = undefined;
  }
}

/** Calls in the order in which they leave: first in, first out. */
class CallQueue {
  first;
  #last;

  get isEmpty() {
    return this.first === undefined;
  }

  push(call) {
    if (this.first === undefined) this.first = call;
    else this.#last.next = call;
    this.#last = call;
  }

  shift() {
    const { first } = this;
    this.first = first.next;
    return first;
  }
}

/** The wait of a sender for capacity. A sender that waits must not be collected. */
class CapacityWait {
  #sender;
  #isOnly;
  #spin;
  #awaitsLapse = false;

  /**
   * @param {object} sender
   * @param {() => boolean} sender.hasCalls - Returns whether calls wait.
   * @param {() => boolean} sender.tryServe - Serves these calls if there is capacity. Returns whether it has.
   * @param {() => boolean} sender.park - Asks the channel for a wake. Returns false if there is no need to wait.
   * @param {() => void} sender.wake
   * @param {boolean} isOnly - Whether no other sender can need capacity.
   */
  constructor(sender, isOnly) {
    this.#sender = sender;
    this.#isOnly = isOnly;
    this.#spin = new SpinThenPark(
      () => !sender.hasCalls() || sender.tryServe(),
      () => this.#park(),
    );
  }

  /** Reports whether a wait has begun and not ended. */
  get isPending() {
    return waiting.has(this);
  }

  begin() {
    waiting.add(this);
    this.#spin.begin();
    if (!this.#spin.spins) this.#park();
  }

  /** Notes that the wait has ended with capacity or the end of the channel: the next wait depends on its length. */
  noteEnd() {
    this.#spin.end();
  }

  /** Ends the wait, however it has ended. */
  release() {
    waiting.delete(this);
  }

  /** Parks until the sender is woken, which happens when there is capacity. */
  #park() {
    // Not woken at once: a loop that awaits send() must leave time to other code.
    if (!this.#sender.park()) setImmediate(() => this.#sender.wake());
    else if (!this.#isOnly) this.#wakeAfterLapse();
  }

  /** Wakes the sender when the permits of other senders have lapsed, because a lapse causes no wake. */
  #wakeAfterLapse() {
    if (this.#awaitsLapse) return;
    this.#awaitsLapse = true;
    whenPermitsLapse(() => {
      this.#awaitsLapse = false;
      if (!this.#sender.hasCalls()) return;
      this.#sender.wake();
      // Another sender of this thread may get what has lapsed.
      refUntilWake(true);
    });
  }
}

module.exports = { Call, CallQueue, CapacityWait };
