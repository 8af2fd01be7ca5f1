'use strict';

/** Up to this many objects, a scan of a list is faster than a Map. */
const MOST_IN_LIST = 12;

/** The objects of one item in the order in which they begin, to find an object that occurs again. */
class References {
  #list = new Array(MOST_IN_LIST).fill(undefined);
  #size = 0;
  #map = new Map();

  /** Returns the number of an object that occurred before. Otherwise remembers the object, and returns -1. */
  find(object) {
    const size = this.#size;
    const list = this.#list;
    const listed = Math.min(size, MOST_IN_LIST);
    for (let index = 0; index < listed; index++) if (list[index] === object) return index;
    if (size < MOST_IN_LIST) {
      list[size] = object;
      this.#size = size + 1;
      return -1;
    }
    const known = this.#map.get(object);
    if (known !== undefined) return known;
    this.#map.set(object, size);
    this.#size = size + 1;
    return -1;
  }

  /** Ends an item, and releases its objects. */
  clear() {
    const size = this.#size;
    const list = this.#list;
    const listed = Math.min(size, MOST_IN_LIST);
    for (let index = 0; index < listed; index++) list[index] = undefined;
    if (size > MOST_IN_LIST) this.#map = new Map();
    this.#size = 0;
  }
}

module.exports = { References };
