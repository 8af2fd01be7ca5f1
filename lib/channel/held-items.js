'use strict';

// Items of a sender that are promises, and those behind them: each keeps its place until all before it have
// settled.

const { copyOf } = require('../codec/single.js');

class HeldItems {
  #entries = [];
  #put;
  #released;
  #fail;

  /**
   * @param {object} sender
   * @param {(item: unknown) => void} sender.put - Takes an item whose turn has come; may throw.
   * @param {() => void} sender.released - All have been put that could be.
   * @param {(reason: unknown, lost: number) => void} sender.fail - The stream fails where an item would have
   *   come, which is lost, as are those behind it.
   */
  constructor({ put, released, fail }) {
    this.#put = put;
    this.#released = released;
    this.#fail = fail;
  }

  get length() {
    return this.#entries.length;
  }

  /** An item behind others, as it is now. */
  add(item) {
    this.#entries.push({ isSettled: true, item: copyOf(item), settle: undefined });
  }

  /** A promise. `settle` settles the call of send(). */
  addPromised(promised, settle) {
    const entry = { isSettled: false, item: undefined, settle };
    this.#entries.push(entry);
    this.#settle(entry, promised);
  }

  /** None of them comes any more. */
  clear() {
    this.#drop(0);
  }

  /** Exactly as a generator does before it yields. */
  async #settle(entry, promised) {
    try {
      entry.item = await promised;
    } catch (reason) {
      this.#failAt(entry, reason);
      return;
    }
    entry.isSettled = true;
    if (this.#entries[0] === entry) this.#release();
  }

  /** Puts what has settled, up to the next promise. */
  #release() {
    while (this.#entries[0]?.isSettled) {
      const [entry] = this.#entries;
      const [resolve, reject] = entry.settle ?? [];
      try {
        this.#put(entry.item);
      } catch (reason) {
        if (reject === undefined) {
          // Nobody else can be told.
          this.#failAt(entry, reason);
          return;
        }
        reject(reason);
      }
      this.#entries.shift();
      resolve?.(true);
    }
    this.#released();
  }

  #failAt(entry, reason) {
    const index = this.#entries.indexOf(entry);
    if (index === -1) return; // the channel has ended meanwhile
    this.#fail(reason, this.#drop(index));
  }

  #drop(index) {
    const lost = this.#entries.splice(index);
    for (const { settle } of lost) settle?.[0](false);
    return lost.length;
  }
}

module.exports = { HeldItems };
