'use strict';

// A stack overflow can be thrown by any call. Before a call of ours changes what a later one relies on, it makes
// sure that what follows has enough stack.

const { stackReserve } = require('../runtime.js');

/** Throws the RangeError of a stack overflow unless the stack has space for what follows. */
const expectStack = stackReserve(Number.POSITIVE_INFINITY);

/** Tells whether an error is that of a call that has not even begun. */
const isStackOverflow = (error) =>
  error instanceof RangeError && error.message.startsWith('Maximum call stack size');

module.exports = { expectStack, isStackOverflow };
