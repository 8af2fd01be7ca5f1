const REFRESH_MILLISECONDS = 100;
// Some terminals do not tell how wide they are.
const USUAL_COLUMNS = 80;
const ERASE_LINE = '\r\x1b[K';

/** The last line of a terminal: how far a command is. Without a terminal nothing is shown. */
export class Progress {
  #terminal;
  #shownAt = Number.NEGATIVE_INFINITY;
  #isShown = false;

  constructor(terminal) {
    this.#terminal = terminal;
  }

  /** `text` may come as often as it likes. */
  show(text) {
    const now = performance.now();
    if (this.#terminal === undefined || now - this.#shownAt < REFRESH_MILLISECONDS) return;
    this.#shownAt = now;
    this.#isShown = true;
    this.#terminal.write(ERASE_LINE + text.slice(0, (this.#terminal.columns || USUAL_COLUMNS) - 1));
  }

  hide() {
    if (!this.#isShown) return;
    this.#isShown = false;
    this.#terminal.write(ERASE_LINE);
  }
}
