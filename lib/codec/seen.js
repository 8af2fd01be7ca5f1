'use strict';

/** So many are looked through, one after the other: up to there no set is as fast. */
const MOST_IN_LIST = 12;

/** The objects of one item, to notice one that occurs twice. */
class Seen {
  #list = new Array(MOST_IN_LIST).fill(undefined);
  #size = 0;
  #rest = new Set();

  isNew(object) {
    const size = this.#size;
    const list = this.#list;
    for (let index = 0; index < size; index++) if (list[index] === object) return false;
    if (size < MOST_IN_LIST) {
      list[size] = object;
      this.#size++;
      return true;
    }
    const rest = this.#rest;
    return rest.size < rest.add(object).size;
  }

  clear() {
    if (this.#size === MOST_IN_LIST) this.#rest.clear();
    while (this.#size > 0) this.#list[--this.#size] = undefined;
  }
}

module.exports = { Seen };
