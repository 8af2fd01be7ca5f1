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

    request(args) {
      return native.request(this.#handle, args);
    }

    close() {
      return native.close(this.#handle);
    }

    get pendingCount() {
      return native.pending(this.#handle);
    }

    [Symbol.dispose]() {
      this.close();
    }
  }
  // Only Rust makes handlers.
  delete Handler.prototype.constructor;

  return (handle) => new Handler(handle);
};
