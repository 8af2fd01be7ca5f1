import { overCallback } from '../callback-queue.mjs';

/**
 * What makes one source of messages iterable for several streams, one after the other, each of
 * which null ends. A stream is listened to before it is ordered.
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
