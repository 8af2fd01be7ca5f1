'use strict';

// The calls of a sender that wait for something, and lists of them.

const { reserveStack } = require('../addon/runtime.js');

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

/** A list of calls, which leave it in the order in which they were added. */
class Fifo {
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

module.exports = { Call, Fifo };
