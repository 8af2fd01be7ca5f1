'use strict';

// The parts that the native side has made for this environment: the class of streams, and the functions
// and values that sources need.
//
// Any call can throw a stack overflow. Before a function of this package changes what a later call relies on, it makes
// sure that the calls that follow have enough stack.

const parts = require('./native.js').runtime();

/** Throws the RangeError of a stack overflow unless the stack has space for the calls that follow. */
const reserveStack = parts.stackReserve(Number.POSITIVE_INFINITY);

/** Reports whether an error is a stack overflow, thrown by a call that has not begun. */
const isStackOverflow = (error) =>
  error instanceof RangeError && error.message.startsWith('Maximum call stack size');

module.exports = { ...parts, reserveStack, isStackOverflow };
