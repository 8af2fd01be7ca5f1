// Observes streams that another thread feeds. A wake takes a turn of the event loop, and calls in between count as
// before it: so a play must know which items have arrived.

/**
 * @param {AbortController} controller
 * @param {(signal: AbortSignal) => AsyncIterableBridge} open
 * @param {(stream: AsyncIterableBridge) => object} [read] - Returns the iterator to read, made from the stream.
 */
export function observe(controller, open, read = (stream) => stream) {
  let waiting = 0;
  let atLeaving;
  const leave = () => {
    atLeaving ??= { waiting, delivered: stream.stats.delivered };
  };
  // Added before the stream's own listener: this records the state before the stream reacts to the abort.
  controller.signal.addEventListener('abort', leave, { once: true });
  const stream = open(controller.signal);
  const reader = read(stream);
  if (controller.signal.aborted) leave();
  const leaveBy = (method) => (value) => {
    leave();
    return reader[method](value);
  };
  const settled = () => {
    waiting--;
  };
  return {
    stream: {
      next() {
        waiting++;
        const result = reader.next();
        result.then(settled, settled);
        return result;
      },
      return: leaveBy('return'),
      throw: leaveBy('throw'),
    },
    abort: (reason) => controller.abort(reason),
    stats: () => stream.stats,
    /** Returns what had been delivered, and how many calls of next() waited, when the consumer left. */
    atLeaving: () => atLeaving,
    isAnswered: () => waiting === 0 || atLeaving !== undefined,
  };
}
