/** The streams of one kind of items: the ways from Rust, and the ways within JavaScript. */

import { overArray } from '../peers/array.mjs';
import { asyncGenerator } from '../peers/async-generator.mjs';
import { overAsyncNext } from '../peers/async-next.mjs';
import { overCallback } from '../peers/callback-queue.mjs';
import { pushed } from '../peers/create-async-iterable.mjs';
import { eventsOn } from '../peers/events-on.mjs';
import { overBatches } from '../peers/hand-batched.mjs';
import { itPushable } from '../peers/it-pushable.mjs';
import { readable } from '../peers/readable.mjs';
import { repeater } from '../peers/repeater.mjs';
import { hasStreamIter, streamIter } from '../peers/stream-iter.mjs';
import { webReadableStream } from '../peers/web-readable-stream.mjs';
import { addon } from './addon.mjs';
import { arrayOf } from './items.mjs';

export const FLOOR = 'hand-written iterator over an array';
export const ASYNC_GENERATOR = 'napi-rs AsyncGenerator';
export const THREADSAFE_FUNCTION = 'a ThreadsafeFunction call per item';

/** Returns the floor of the same items. */
export function floor(kind) {
  const items = arrayOf(kind);
  return { name: FLOOR, open: (count) => overArray(items, count) };
}

/** Returns this project's sources, or none while the addon has no such streams. */
export function ours({ suffix, size }, { capacities = [] } = {}) {
  const open = addon[`ours${suffix}`];
  if (open === undefined) return [];
  const source = (name, options) => ({
    name,
    ours: true,
    open: (items) => open(items, size, options),
  });
  return [
    source('ours, blocking_send', {}),
    source('ours, blocking_send_all', { sendAll: true }),
    {
      name: 'ours, batches()',
      ours: true,
      batches: true,
      open: (items) => open(items, size, { sendAll: true }).batches(),
    },
    ...capacities.flatMap((capacity) => [
      source(`ours, capacity ${capacity}, blocking_send`, { capacity }),
      source(`ours, capacity ${capacity}, blocking_send_all`, { capacity, sendAll: true }),
    ]),
  ];
}

/** Returns the other ways to get items from Rust. */
export function rustPeers({ suffix, size }) {
  const AsyncGenerator = addon[`AsyncGenerator${suffix}`];
  const AsyncNext = addon[`AsyncNext${suffix}`];
  const HandBatched = addon[`HandBatched${suffix}`];
  const readableStream = addon[`readableStream${suffix}`];
  const threadsafeFunction = addon[`threadsafeFunction${suffix}`];
  return [
    {
      name: THREADSAFE_FUNCTION,
      open: (items) => overCallback((onItem) => threadsafeFunction(items, size, onItem)),
    },
    {
      name: 'arrays of 256 from an async fn',
      open: (items) => overBatches(new HandBatched(items, size)),
    },
    { name: ASYNC_GENERATOR, open: (items) => new AsyncGenerator(items, size) },
    { name: 'napi-rs ReadableStream', open: (items) => readableStream(items, size) },
    { name: 'napi-rs async fn next', open: (items) => overAsyncNext(new AsyncNext(items, size)) },
  ];
}

/** Returns the ways within one thread; this project's own is the first. */
export function javascriptSources(kind) {
  const items = arrayOf(kind);
  const source = (name, open) => ({ name, open: (count) => open(items, count) });
  return [
    { ...source('createAsyncIterable', pushed), ours: true },
    source('async generator', asyncGenerator),
    source('Repeater', repeater),
    source('it-pushable', itPushable),
    { ...source('events.on', eventsOn), batches: true },
    source('web ReadableStream', webReadableStream),
    source('node:stream Readable', readable),
    ...(hasStreamIter && kind.digest === 'bytes'
      ? [{ ...source('node:stream/iter push', streamIter), batches: true }]
      : []),
  ];
}
