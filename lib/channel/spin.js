'use strict';

// The way in which a receiver or a sender waits for another thread. A wake by the operating system takes 5 to 50 µs,
// most of a round trip. So a wait that follows a short wait spins: it polls once in each turn of the event loop, for
// about as long as a wake could take, and parks only after that. A waiter with longer waits never spins. A waiter that
// has spun in vain lets a number of short waits pass before it spins again.

const { availableParallelism } = require('node:os');
const { performance } = require('node:perf_hooks');
const timers = require('node:timers');
const native = require('../addon/native.js');

// Tests may replace the global timers with clocks that stand still, even before they load the package. A channel must
// not stop with them.
const { setImmediate } = timers;
const now = performance.now.bind(performance);

/** The limit of a short wait, in milliseconds. */
const SHORT = 0.1;

/** The most short waits before the waiter spins again, as an exponent of two. */
const MOST_FAILURES = 10;

const HAS_CORES = availableParallelism() > 1;

class SpinThenPark {
  #spins = false;
  #since = Number.NaN;
  #failures = 0;
  /** The number of short waits until the waiter spins again. */
  #shortWaitsLeft = 0;
  #poll;
  #willPoll = false;

  /** Takes two callbacks. A spin calls `hasEnded` in each turn until that returns true, or gives up with `giveUp`. */
  constructor(hasEnded, giveUp) {
    this.#poll = () => {
      this.#willPoll = false;
      if (hasEnded()) return;
      // The other thread may be waiting for this core.
      native.yieldCore();
      if (hasEnded()) return;
      if (now() - this.#since < SHORT) {
        this.#pollLater();
        return;
      }
      this.#failures = Math.min(this.#failures + 1, MOST_FAILURES);
      this.#shortWaitsLeft = 2 ** this.#failures;
      this.#spins = false;
      giveUp();
    };
  }

  /** Reports whether a wait that begins now spins. */
  get spins() {
    return this.#spins;
  }

  begin() {
    this.#since = now();
    if (this.#spins) this.#pollLater();
  }

  end() {
    const isShort = HAS_CORES && now() - this.#since < SHORT;
    if (this.#spins && isShort) this.#failures = 0;
    if (isShort && this.#shortWaitsLeft > 0) this.#shortWaitsLeft--;
    this.#spins = isShort && this.#shortWaitsLeft === 0;
  }

  #pollLater() {
    if (this.#willPoll) return;
    setImmediate(this.#poll);
    this.#willPoll = true;
  }
}

module.exports = { SpinThenPark };
