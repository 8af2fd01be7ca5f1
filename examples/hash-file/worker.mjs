// Hashes files for hash-file.mjs, one after another. Each item waits until the channel has free capacity, and
// so does the reading of the file.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { workerData } from 'node:worker_threads';
import { Channel } from 'async-iterable-bridge';

const CHUNK_BYTES = 1024 * 1024;

const sender = Channel.from(workerData.handle).sender();
const { signal } = sender;

async function hashFile(path) {
  const { size: total } = await stat(path);
  const hash = createHash('sha256');
  let bytes = 0;
  // When the other thread leaves, the signal closes the file.
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES, signal })) {
    hash.update(chunk);
    bytes += chunk.length;
    await sender.send({ type: 'progress', path, bytes, total });
  }
  await sender.send({ type: 'digest', path, digest: hash.digest('hex'), bytes });
}

for (const path of workerData.paths) {
  try {
    await hashFile(path);
  } catch ({ code, message }) {
    if (signal.aborted) break;
    await sender.send({ type: 'failure', path, code, message });
  }
}
sender.done();
