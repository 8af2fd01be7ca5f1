import { overCallback } from '../callback-queue.mjs';

/**
 * Makes one source of messages iterable for several streams, one after the other; null ends each stream.
 * The listener of a stream is added before the stream is requested.
 *
 * @param {(onItem: (item: unknown) => void) => void} listen
 */
export function successiveStreams(listen) {
  let deliver;
  listen((item) => deliver(item));
  return (order) => {
    const stream = overCallback((onItem) => {
      deliver = onItem;
    });
    order();
    return stream;
  };
}
