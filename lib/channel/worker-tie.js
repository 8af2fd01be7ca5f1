'use strict';

// Ties ends of channels to the workers that are to open the other ends. A worker that exits without having opened one
// cannot end the channel, as its end would: so the thread that has made the worker does.
//
// A tie ends when its worker has exited, or is released before. A worker has one listener while it has ties.

/** The ties of each worker, as the functions to call when it has exited. */
const tiesOf = new WeakMap();

/** Tests whether a worker has exited. One of Node and of Bun has no thread then, and one of Deno has no name. */
const hasExited = ({ threadId, threadName }) => threadId === -1 || threadName === null;

/** Calls `exited` when the worker has exited: at once, if it has already. Returns a function that releases the tie. */
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

/** Listens to the end of a worker, for all its ties. */
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
