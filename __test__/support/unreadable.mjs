// An item that cannot be decoded, which no sender lets pass: sent as native code takes it.

import { createRequire } from 'node:module';
import { BatchEncoder } from './codec.mjs';

const native = createRequire(import.meta.url)('../../lib/native.js');

/** The source of a RegExp, and one of the same length that is none. */
const SOURCE = 'readable';
const UNREADABLE = '(?dable)';

/** Sends these items and one that cannot be read, in one batch, to the channel of this handle. */
export function sendUnreadable(handle, ...items) {
  const encoder = new BatchEncoder();
  for (const item of [...items, new RegExp(SOURCE)]) encoder.encode(item);
  const { count, head, texts, chunks } = encoder.take();
  const unreadable = texts.map((text) => text.replace(SOURCE, UNREADABLE));
  const sender = native.openSender(handle);
  native.pushBatch(sender, 0, 0, count, head, unreadable, chunks);
  native.finishSender(sender);
}
