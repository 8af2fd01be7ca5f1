'use strict';

// A stack overflow can be thrown by any call. Before a call of ours changes what a later one relies on, it makes
// sure that what follows has enough stack.

/** Calls itself; its arguments make the frames large. */
const descend = (levels, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) =>
  levels === 0 ? 0 : descend(levels - 1, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) + 1;

/** Frames of `descend`: 50 KiB. V8 wants 45 KiB to compile a function that has never run. */
const RESERVED_LEVELS = 256;

/** Throws the RangeError of a stack overflow unless the stack has space for what follows. */
function expectStack() {
  descend(RESERVED_LEVELS, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}

/** Whether an error is that of a call that has not even begun. */
const isStackOverflow = (error) =>
  error instanceof RangeError && error.message.startsWith('Maximum call stack size');

module.exports = { expectStack, isStackOverflow };
