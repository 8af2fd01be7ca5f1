'use strict';

// The time limit for an answer to a request. Its timer keeps the process alive only while a consumer awaits the answer.

class AnswerClock {
  #milliseconds;
  #expire;
  #timer;
  #keepsAlive = false;

  /**
   * @param {number | undefined} milliseconds - If undefined, the clock never expires.
   * @param {() => void} expire
   */
  constructor(milliseconds, expire) {
    this.#milliseconds = milliseconds;
    this.#expire = expire;
  }

  get runs() {
    return this.#timer !== undefined;
  }

  /** Starts the clock, or restarts it if it runs. */
  start() {
    if (this.#milliseconds === undefined) return;
    if (this.#timer?.refresh !== undefined) {
      this.#timer.refresh();
      return;
    }
    // In jsdom, a timer is a number.
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
