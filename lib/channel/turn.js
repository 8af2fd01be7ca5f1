'use strict';

// The turns of the event loop that channels depend on.

// Tests replace the global ones with clocks that stand still, and a channel must not stop with them.
const { queueMicrotask, setImmediate } = globalThis;
const nextTick = process.nextTick.bind(process);

let unflushed = [];
let willFlush = false;
let willFlushOnExit = false;

function flushAll() {
  willFlush = false;
  const flushes = unflushed;
  unflushed = [];
  for (const flush of flushes) flush();
}

/** Has `flush` called when what runs now, with all its microtasks, is done. */
function atEndOfTurn(flush) {
  unflushed.push(flush);
  if (willFlush) return;
  willFlush = true;
  // All microtasks that are queued, or will be by one of them, run before the tick.
  queueMicrotask(() => nextTick(flushAll));
  if (willFlushOnExit) return;
  // A thread that crashes or calls process.exit() has no end of its turn.
  willFlushOnExit = true;
  process.once('exit', flushAll);
}

const oneTurnMore = () => setImmediate(() => {});

/**
 * After a thread has woken an end of a channel that it holds itself: its event loop must not run dry before
 * the wake has come through. Between two immediates the loop polls; before the first it need not.
 */
function stayForWake(isHere) {
  if (isHere) setImmediate(oneTurnMore);
}

module.exports = { atEndOfTurn, endTurn: flushAll, inNextTurn: setImmediate, stayForWake };
