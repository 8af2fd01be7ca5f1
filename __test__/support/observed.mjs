// Streams that another thread feeds, under observation. A wake takes a turn of the event loop, and
// what is called in between counts as before it: so a play must know what has arrived.

/**
 * @param {AbortController} controller
 * @param {(signal: AbortSignal) => AsyncIterableBridge} open
 * @param {(stream: AsyncIterableBridge) => object} [read] - Makes what is read of the stream.
 */
export function observe(controller, open, read = (stream) => stream) {
  let waiting = 0;
  let atLeaving;
  const leave = () => {
    atLeaving ??= { waiting, delivered: stream.stats.delivered };
  };
  // Before the stream listens: this is about what it has done until then.
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
    /** What had been delivered, and how many calls of next() waited, when the consumer left. */
    atLeaving: () => atLeaving,
    isAnswered: () => waiting === 0 || atLeaving !== undefined,
  };
}
