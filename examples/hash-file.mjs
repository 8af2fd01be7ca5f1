// Prints the SHA-256 digests of files, as `sha256sum` does. A worker reads and hashes them. This thread uses
// `for await` over a channel that delivers the progress, the digests and the errors of unreadable files.
//
//   node examples/hash-file.mjs [FILE...]      without FILE: the program that runs this
//
//   node examples/hash-file.mjs *.iso > digests && sha256sum -c digests
//
// The worker is at most the channel's capacity ahead. Ctrl-C cancels the channel, so the worker stops
// reading. The exit code is 130 then, and 1 if a file could not be read.

import { Worker } from 'node:worker_threads';
import { Channel } from 'async-iterable-bridge';
import { digestLine } from './hash-file/digest-line.mjs';
import { Progress } from './hash-file/progress.mjs';

const EXIT_FAILED = 1;
const EXIT_INTERRUPTED = 130;
const CAPACITY = 16;

const given = process.argv.slice(2);
const paths = given.length > 0 ? given : [process.execPath];
const stop = new AbortController();

process.once('SIGINT', () => {
  process.exitCode = EXIT_INTERRUPTED;
  stop.abort();
});
// The reader of a pipe may leave early, as `head` does. Then the other digests are not needed.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
  stop.abort();
});

const progress = new Progress();

function show(item) {
  switch (item.type) {
    case 'progress':
      progress.show(item);
      break;
    case 'digest':
      progress.hide();
      process.stdout.write(digestLine(item));
      break;
    case 'failure':
      progress.hide();
      process.stderr.write(`hash-file: ${item.path}: ${item.message}\n`);
      process.exitCode = EXIT_FAILED;
      break;
  }
}

const channel = new Channel({ capacity: CAPACITY, signal: stop.signal });
new Worker(new URL('./hash-file/worker.mjs', import.meta.url), {
  workerData: { handle: channel.handle, paths },
});
try {
  for await (const item of channel.receiver()) show(item);
} catch (error) {
  if (error !== stop.signal.reason) throw error;
} finally {
  progress.hide();
}
