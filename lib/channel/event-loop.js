'use strict';

// State that the ends of channels in one thread share: the turns of its event loop, and the epoch of ends.

const timers = require('node:timers');
const runtime = require('../addon/runtime.js');

// Tests may replace the global timers with clocks that stand still, even before they load the package. A channel must
// not stop with them.
const { setImmediate, setTimeout } = timers;

/** The time for which an unused permit is kept, in milliseconds, as in crates/channel/src/permits.rs. */
const PERMIT_LAPSE = 1000;

/** The bytes from which a batch crosses before the end of its turn, while a cache still holds it. */
const LARGEST_BATCH = 512 * 1024;

/** The bytes from which a batch crosses at once. In a thread that exits, every item crosses at once. */
const flushThreshold = { bytes: LARGEST_BATCH };

/**
 * The epoch of ends: the number of times that this thread has ended a channel, for all channels together. A wake would
 * notify a sender of the same thread only in a later turn. So a sender that finds another epoch asks at once for the
 * state of its channel.
 */
const endEpoch = { count: 0 };

let flushes = [];
let willFlush = false;

/** Flushes all that the senders of this thread have taken. A flush that throws does not prevent the others. */
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

/** Calls `flush` when the code that runs now and its microtasks are done. If this throws, it has changed nothing. */
function atEndOfTurn(flush) {
  // Undocumented, but the only flag that is set before all listeners for 'exit' are called.
  if (process._exiting) flushThreshold.bytes = 0;
  if (!willFlush) {
    runtime.flushOnExit(flushAll);
    // All microtasks run before that: those that are queued, and those that they queue.
    runtime.atEndOfTurn(flushAll);
    willFlush = true;
  }
  flushes.push(flush);
}

const oneTurnMore = () => setImmediate(() => {});

/**
 * Keeps the event loop alive until a wake has come through. Needed after a thread has woken an end of a channel that it
 * holds itself. The loop polls between two immediates; before the first immediate it may not.
 */
function refUntilWake(isHere) {
  if (isHere) setImmediate(oneTurnMore);
}

/** Calls back when every permit that is kept now has lapsed, if the thread lives until then. */
const whenPermitsLapse = (callback) => setTimeout(callback, PERMIT_LAPSE).unref();

module.exports = {
  LARGEST_BATCH,
  atEndOfTurn,
  endEpoch,
  flushThreshold,
  flushAll,
  setImmediate,
  refUntilWake,
  whenPermitsLapse,
};
