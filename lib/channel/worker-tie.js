'use strict';

// Ties ends of channels to the workers that are to open the other ends. An end that a worker has opened ends the
// channel when the worker exits. If the worker exits before it opens its end, the thread that has made the worker ends
// the channel instead.
//
// A tie ends when its worker has exited, or when it is released before that. A worker has one listener while it has
// ties.

/** The ties of each worker, as functions to call when the worker has exited. */
const tiesOf = new WeakMap();

/** Reports whether a worker has exited. In Node and Bun it has no thread then, and in Deno it has no name. */
const hasExited = ({ threadId, threadName }) => threadId === -1 || threadName === null;

/** Calls `exited` when the worker exits, or at once if it has exited. Returns a function that releases the tie. */
function tie(worker, exited) {
  if (hasExited(worker)) {
    exited();
    return () => {};
  }
  const ties = tiesOf.get(worker) ?? listen(worker);
  ties.callbacks.add(exited);
  return () => {
    if (ties.callbacks.delete(exited) && ties.callbacks.size === 0) ties.stop();
  };
}

/** Listens to the exit of a worker, for all its ties. */
function listen(worker) {
  const callbacks = new Set();
  const call = () => {
    tiesOf.delete(worker);
    for (const exited of callbacks) exited();
    callbacks.clear();
  };
  const stop = () => {
    tiesOf.delete(worker);
    worker.off('exit', call);
  };
  const ties = { callbacks, stop };
  tiesOf.set(worker, ties);
  worker.once('exit', call);
  return ties;
}

module.exports = { tie };
