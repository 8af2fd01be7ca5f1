const REFRESH_MILLISECONDS = 100;
// Some terminals do not report their width.
const USUAL_COLUMNS = 80;
const ERASE_LINE = '\r\x1b[K';

/** The last line of a terminal, which shows the progress of a command. Without a terminal nothing is shown. */
export class Progress {
  #terminal;
  #shownAt = Number.NEGATIVE_INFINITY;
  #isShown = false;

  constructor(terminal) {
    this.#terminal = terminal;
  }

  /** Shows a text. May be called at any rate: it skips a text that comes too soon after the one before. */
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
