// An item that nobody can decode, which no sender lets pass: sent as native code takes it.

import { createRequire } from 'node:module';
import { BatchEncoder } from './codec.mjs';

const native = createRequire(import.meta.url)('../../lib/native.js');

/** Sends these items and one that cannot be read, in one batch, to the channel of this handle. */
export function sendUnreadable(handle, ...items) {
  const encoder = new BatchEncoder();
  for (const item of [...items, new Map()]) encoder.encode(item);
  const { count, head, text, chunks } = encoder.take();
  // Of the Map, not even the version of its format is left.
  for (const chunk of chunks) chunk.fill(0);
  const sender = native.openSender(handle);
  native.pushBatch(sender, 0, 0, count, head, text, chunks);
  native.finishSender(sender);
}
