'use strict';

const { isThenable } = require('../../support/thenable.js');

/** The listeners for one kind of event. */
class Listeners {
  #listeners = [];

  add(listener) {
    this.#listeners.push(listener);
  }

  /** Calls the listeners. Returns a promise to await if any of them returns a promise. */
  notify(event) {
    const [first] = this.#listeners;
    if (this.#listeners.length === 1) return first(event);
    const results = this.#listeners.map((listener) => listener(event));
    return results.some(isThenable) ? Promise.all(results) : undefined;
  }
}

module.exports = { Listeners };
