/*
 * The object of a handler. The file is an expression: a function that is called once per environment
 * with the native functions, and with `keep` of native-source.js.
 */
(native, keep) => {
  'use strict';

  class Handler {
    #number;

    constructor(number) {
      this.#number = number;
      keep(number, this);
    }

    static #numberOf(value) {
      if (typeof value === 'object' && value !== null && #number in value) return value.#number;
      const error = new TypeError('A method of a Handler was called on something else');
      error.code = 'ERR_INVALID_THIS';
      throw error;
    }

    request(args) {
      return native.request(Handler.#numberOf(this), args);
    }

    close() {
      return native.close(Handler.#numberOf(this));
    }

    get pendingCount() {
      return native.pending(Handler.#numberOf(this));
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

  return (number) => new Handler(number);
};
