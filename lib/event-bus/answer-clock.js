'use strict';

// How long a request waits for an answer. A timer keeps the process alive only while somebody awaits the answer.

class AnswerClock {
  #milliseconds;
  #expire;
  #timer;
  #keepsAlive = false;

  /**
   * @param {number | undefined} milliseconds - Without them it never expires.
   * @param {() => void} expire
   */
  constructor(milliseconds, expire) {
    this.#milliseconds = milliseconds;
    this.#expire = expire;
  }

  get runs() {
    return this.#timer !== undefined;
  }

  /** Anew, if it runs. */
  start() {
    if (this.#milliseconds === undefined) return;
    if (this.#timer?.refresh !== undefined) {
      this.#timer.refresh();
      return;
    }
    // A timer of jsdom is a number.
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#expire();
    }, this.#milliseconds);
    if (!this.#keepsAlive) this.#timer.unref?.();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  keepAlive(keepsAlive) {
    if (keepsAlive === this.#keepsAlive) return;
    this.#keepsAlive = keepsAlive;
    if (keepsAlive) this.#timer?.ref?.();
    else this.#timer?.unref?.();
  }
}

module.exports = { AnswerClock };
