'use strict';

// How whoever waits for another thread hears of it. To be woken takes the operating system 5 to 50 µs, most of
// a round trip. So a wait that follows a short one is spent looking, once in a turn of the event loop, for
// about as long as a wake could take; only then does it have itself woken. Who waits longer never looks, and
// who has looked in vain waits for a while before looking again.

const { availableParallelism } = require('node:os');
const { performance } = require('node:perf_hooks');
const timers = require('node:timers');
const native = require('../native.js');

// Tests replace the global ones with clocks that stand still, also before they load the package, and a channel must
// not stop with them.
const { setImmediate } = timers;
const now = performance.now.bind(performance);

/** Milliseconds. */
const SHORT = 0.1;

/** Short waits at most before looking is tried again, as a power of two. */
const MOST_FAILURES = 10;

const HAS_CORES = availableParallelism() > 1;

class Patience {
  #looks = false;
  #since = Number.NaN;
  #failures = 0;
  /** Short waits until looking is tried again. */
  #rest = 0;
  #look;
  #willLook = false;

  /** `hasEnded` is asked in each turn until it says so, or until `giveUp` is called, which ends the looking. */
  constructor(hasEnded, giveUp) {
    this.#look = () => {
      this.#willLook = false;
      if (hasEnded()) return;
      // The other thread may wait for this very core.
      native.yieldCore();
      if (hasEnded()) return;
      if (now() - this.#since < SHORT) {
        this.#lookLater();
        return;
      }
      this.#failures = Math.min(this.#failures + 1, MOST_FAILURES);
      this.#rest = 2 ** this.#failures;
      this.#looks = false;
      giveUp();
    };
  }

  /** Whether a wait that begins now is spent looking. */
  get looks() {
    return this.#looks;
  }

  begin() {
    this.#since = now();
    if (this.#looks) this.#lookLater();
  }

  end() {
    const isShort = HAS_CORES && now() - this.#since < SHORT;
    if (this.#looks && isShort) this.#failures = 0;
    if (isShort && this.#rest > 0) this.#rest--;
    this.#looks = isShort && this.#rest === 0;
  }

  #lookLater() {
    if (this.#willLook) return;
    setImmediate(this.#look);
    this.#willLook = true;
  }
}

module.exports = { Patience };
