'use strict';

// The turns of the event loop that channels depend on.

const timers = require('node:timers');
const runtime = require('../runtime.js');

// Tests replace the global ones with clocks that stand still, also before they load the package, and a channel must
// not stop with them.
const { setImmediate } = timers;

let flushes = [];
let willFlush = false;

function flushAll() {
  willFlush = false;
  runtime.hasFlushed(flushAll);
  const due = flushes;
  flushes = [];
  for (const flush of due) flush();
}

/** Has `flush` called when what runs now, with all its microtasks, is done. */
function atEndOfTurn(flush) {
  flushes.push(flush);
  if (willFlush) return;
  willFlush = true;
  // All microtasks that are queued, or will be by one of them, run before that.
  runtime.atEndOfTurn(flushAll);
  runtime.flushOnExit(flushAll);
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
