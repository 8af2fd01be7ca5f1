/*
 * The object of a handler. It is an expression: a function that is called once per environment with
 * the native functions.
 */
(native) => {
  'use strict';

  class Handler {
    #handle;

    constructor(handle) {
      this.#handle = handle;
    }

    static #handleOf(value) {
      if (typeof value === 'object' && value !== null && #handle in value) return value.#handle;
      const error = new TypeError('A method of a Handler was called on something else');
      error.code = 'ERR_INVALID_THIS';
      throw error;
    }

    request(args) {
      return native.request(Handler.#handleOf(this), args);
    }

    close() {
      return native.close(Handler.#handleOf(this));
    }

    get pendingCount() {
      return native.pending(Handler.#handleOf(this));
    }

    [Symbol.dispose]() {
      this.close();
    }
  }
  // Only Rust makes handlers.
  delete Handler.prototype.constructor;
  Object.defineProperty(Handler.prototype, Symbol.toStringTag, {
    value: 'Handler',
    configurable: true,
  });

  return (handle) => new Handler(handle);
};
