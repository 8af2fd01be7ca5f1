// An item that cannot be decoded. A sender refuses it, so it is sent by the native functions.

import { createRequire } from 'node:module';
import { BatchEncoder } from './codec.mjs';

const native = createRequire(import.meta.url)('../../lib/addon/native.js');

/** The source of a RegExp, and an invalid one of the same length. */
const SOURCE = 'readable';
const UNREADABLE = '(?dable)';

/** Sends these items and one that cannot be decoded, in one batch, to the channel of this handle. */
export function sendUnreadable(handle, ...items) {
  const encoder = new BatchEncoder();
  for (const item of [...items, new RegExp(SOURCE)]) encoder.encode(item);
  const { count, head, texts, chunks } = encoder.take();
  const unreadable = texts.map((text) => text.replace(SOURCE, UNREADABLE));
  const sender = native.openSender(handle);
  native.pushBatch(sender, 0, 0, count, head, unreadable, chunks);
  native.closeSender(sender);
}
