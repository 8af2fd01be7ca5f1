'use strict';

// The turns of the event loop that channels depend on.

const timers = require('node:timers');
const runtime = require('../runtime.js');

// Tests replace the global ones with clocks that stand still, also before they load the package, and a channel must
// not stop with them.
const { setImmediate, setTimeout } = timers;

/** Milliseconds for which a permit is kept that is not used, as in src/channel/room.rs. */
const PERMIT_LAPSE = 1000;

/** Bytes of a batch that crosses before the end of its turn, while a cache still holds it. */
const LARGEST_BATCH = 512 * 1024;

/** Bytes of a batch that crosses at once. In a thread that exits, every item does. */
const atOnce = { bytes: LARGEST_BATCH };

let flushes = [];
let willFlush = false;

/** Flushes what all senders of this thread have taken. A flush that throws keeps no other from its turn. */
function flushAll() {
  willFlush = false;
  runtime.hasFlushed(flushAll);
  const due = flushes;
  flushes = [];
  for (let index = 0; index < due.length; index++) {
    try {
      due[index]();
    } catch (error) {
      setImmediate(() => {
        throw error;
      });
    }
  }
}

/** Has `flush` called when what runs now, with all its microtasks, is done. If it throws, it has changed nothing. */
function atEndOfTurn(flush) {
  // It is undocumented, and the only thing that is set before every listener for 'exit' is called.
  if (process._exiting) atOnce.bytes = 0;
  if (!willFlush) {
    runtime.flushOnExit(flushAll);
    // All microtasks that are queued, or will be by one of them, run before that.
    runtime.atEndOfTurn(flushAll);
    willFlush = true;
  }
  flushes.push(flush);
}

const oneTurnMore = () => setImmediate(() => {});

/**
 * After a thread has woken an end of a channel that it holds itself: its event loop must not run dry before
 * the wake has come through. Between two immediates the loop polls; before the first it need not.
 */
function stayForWake(isHere) {
  if (isHere) setImmediate(oneTurnMore);
}

/** Calls back when every permit that is kept now has lapsed, if the thread lives until then. */
const whenPermitsLapse = (callback) => setTimeout(callback, PERMIT_LAPSE).unref();

module.exports = {
  LARGEST_BATCH,
  atEndOfTurn,
  atOnce,
  endTurn: flushAll,
  inNextTurn: setImmediate,
  stayForWake,
  whenPermitsLapse,
};
