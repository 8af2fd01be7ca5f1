// Counts the lines of every text file below a directory. Rust threads walk the tree and read the
// files; this program only uses `for await`.
//
//   npm start [-- DIR]      without DIR: this project, except what is hidden or git-ignored
//
// Ctrl-C prints the counts so far and exits with 130.

import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readLines, walk } from 'async-iterable-bridge';
import { startMeasuring } from './count-lines/measurement.mjs';
import { showProgress } from './count-lines/progress.mjs';
import { report } from './count-lines/report.mjs';
import { Tally } from './count-lines/tally.mjs';

const FILES_AT_ONCE = 8;
const EXIT_FAILED = 1;
const EXIT_INTERRUPTED = 130;

// Binary files are recognized as in git: by a NUL byte near the beginning.
const LOOKED_AT_FOR_NUL = 8000;
// A file with a longer line is not text either, and eight such lines would take too much memory.
const MAX_LINE_BYTES = 8 * 1024 * 1024;
// The read-ahead of a file. It is small, so that little of a binary file is read in vain.
const MAX_BUFFERED_BYTES = 256 * 1024;

const [directory] = process.argv.slice(2);
const root = directory ?? fileURLToPath(new URL('..', import.meta.url));
const interrupt = new AbortController();
const tally = new Tally();

function holdsNul(lines) {
  let looked = 0;
  for (const line of lines) {
    if (line.subarray(0, LOOKED_AT_FOR_NUL - looked).includes(0)) return true;
    looked += line.length + 1;
    if (looked >= LOOKED_AT_FOR_NUL) break;
  }
  return false;
}

/** Returns the number of lines, or undefined for a file that is not text. */
async function countLines(path) {
  // Bytes are enough to count lines, and bytes that are not text need no decoding.
  const stream = readLines(path, {
    encoding: 'buffer',
    maxLineBytes: MAX_LINE_BYTES,
    maxBytes: MAX_BUFFERED_BYTES,
    signal: interrupt.signal,
  });
  let count = 0;
  for await (const lines of stream.batches()) {
    // Leaving the loop cancels the stream: the rest of the file is not read.
    if (count === 0 && holdsNul(lines)) return undefined;
    count += lines.length;
  }
  return count;
}

async function countFile({ path, name, size }) {
  try {
    const lines = await countLines(path);
    if (lines === undefined) tally.addBinary(size);
    else tally.addText(extname(name), lines, size);
  } catch (error) {
    if (interrupt.signal.aborted || error.code === undefined) throw error;
    if (error.code === 'ERR_LINE_TOO_LONG') tally.addBinary(size);
    else tally.addUnreadable(error.code);
  }
}

/** Takes entries until there are none. Several calls share one walk; each makes its own `next()` calls. */
async function countFrom(entries) {
  for await (const entry of entries) {
    if (entry.type === 'file') await countFile(entry);
  }
}

async function countTree() {
  const isProject = directory === undefined;
  const entries = walk(root, {
    hidden: !isProject,
    gitignore: isProject,
    stat: true,
    errors: 'skip',
    signal: interrupt.signal,
  });
  const counters = Array.from({ length: FILES_AT_ONCE }, () => countFrom(entries));
  const outcomes = await Promise.allSettled(counters);
  tally.unlisted = entries.stats.skipped;
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed && !interrupt.signal.aborted) throw failed.reason;
}

// The reader of a pipe may leave early, as `head` does. That is not an error of this program.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
});
process.once('SIGINT', () => interrupt.abort());

const finishMeasuring = startMeasuring();
const hideProgress = showProgress(tally);
try {
  await countTree();
  const measured = await finishMeasuring();
  hideProgress();
  process.stdout.write(report(tally, measured));
  if (interrupt.signal.aborted) {
    process.stdout.write('Interrupted: what had not been read by then is not in the table.\n');
    process.exitCode = EXIT_INTERRUPTED;
  }
} catch (error) {
  hideProgress();
  process.stderr.write(`count-lines: ${error.message}\n`);
  process.exitCode = EXIT_FAILED;
}
