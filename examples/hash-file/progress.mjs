import { basename } from 'node:path';

const REFRESH_MILLISECONDS = 100;
// Some terminals do not report their width.
const USUAL_COLUMNS = 80;
const ERASE_LINE = '\r\x1b[K';
const BYTES_PER_MEGABYTE = 1e6;

const megabytes = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/**
 * The last line of a terminal, with the progress of the current file. In a pipe it shows nothing: the output
 * of a pipe is input for another program.
 */
export class Progress {
  #isTerminal = Boolean(process.stdout.isTTY && process.stderr.isTTY);
  #shownAt = Number.NEGATIVE_INFINITY;
  #isShown = false;

  show({ path, bytes, total }) {
    const now = performance.now();
    if (!this.#isTerminal || now - this.#shownAt < REFRESH_MILLISECONDS) return;
    this.#shownAt = now;
    this.#isShown = true;
    const { columns } = process.stderr;
    const line = `${amountOf(bytes, total)}  ${printable(basename(path))}`;
    process.stderr.write(ERASE_LINE + line.slice(0, (columns || USUAL_COLUMNS) - 1));
  }

  hide() {
    if (!this.#isShown) return;
    this.#isShown = false;
    process.stderr.write(ERASE_LINE);
  }
}

/** Returns the amount to show. Pipes and devices have no size to compare with. */
function amountOf(bytes, total) {
  const read = megabytes.format(bytes / BYTES_PER_MEGABYTE);
  if (total === 0) return `${read} MB`;
  const percent = Math.floor((100 * bytes) / total);
  return `${percent}% of ${megabytes.format(total / BYTES_PER_MEGABYTE)} MB`;
}

/** Replaces control characters: a name may hold any, also cursor movements. */
const printable = (name) => name.replace(/\p{C}/gu, '?');
