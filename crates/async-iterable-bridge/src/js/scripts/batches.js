/*
 * The iterator of whole batches. The file is an expression: a function that iterator.js calls once per environment
 * with what it needs of the iterator of items.
 */
(iterator) => {
  'use strict';

  const {
    KEY,
    illegalConstructor,
    rejectReceiver,
    nextBatch,
    leaveByReturn,
    leaveByThrow,
    disposed,
  } = iterator;

  /** The iterator of the same stream that delivers a whole batch at a time. */
  class Batches {
    #stream;

    constructor(key, stream) {
      if (key !== KEY) throw illegalConstructor();
      this.#stream = stream;
    }

    static #of(value) {
      return typeof value === 'object' && value !== null && #stream in value
        ? value.#stream
        : undefined;
    }

    next() {
      const stream = Batches.#of(this);
      return stream === undefined ? rejectReceiver('next', this) : nextBatch(stream);
    }

    return(value) {
      const stream = Batches.#of(this);
      return stream === undefined ? rejectReceiver('return', this) : leaveByReturn(stream, value);
    }

    throw(reason) {
      const stream = Batches.#of(this);
      return stream === undefined ? rejectReceiver('throw', this) : leaveByThrow(stream, reason);
    }

    [Symbol.asyncDispose]() {
      const stream = Batches.#of(this);
      if (stream === undefined) return rejectReceiver('[Symbol.asyncDispose]', this);
      return disposed(leaveByReturn(stream));
    }
  }

  return Batches;
};
