'use strict';

// Errors for bad arguments, worded as Node words its own (lib/internal/errors.js of Node): the same
// codes, the same sentences, and a stack that begins `TypeError [ERR_X]: ...` while `name` stays
// 'TypeError'.

const { inspect } = require('node:util');

// From this magnitude on Node separates the digits of an integer by thousands.
const SEPARATED_FROM = 2 ** 32;
const LONGEST_VALUE = 128;
const LONGEST_PRIMITIVE = 28;

function codedError(Base, code, message) {
  const error = new Base(message);
  // A stack takes its first line from `name`, when it is captured or when it is first read: that
  // depends on the engine. So the code stands in the name for both.
  error.name = `${Base.name} [${code}]`;
  Error.captureStackTrace(error, codedError);
  void error.stack;
  delete error.name;
  error.code = code;
  return error;
}

/** 'options.capacity' is a property, 'path' an argument. */
function kindOf(name) {
  return name.includes('.') ? 'property' : 'argument';
}

function describe(value) {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value === 'object') {
    const name = value.constructor?.name;
    return name ? `an instance of ${name}` : inspect(value, { depth: -1 });
  }
  const inspected = inspect(value, { colors: false });
  const shown =
    inspected.length > LONGEST_PRIMITIVE
      ? `${inspected.slice(0, LONGEST_PRIMITIVE - 3)}...`
      : inspected;
  return `type ${typeof value} (${shown})`;
}

function describeNumber(value) {
  const isLarge =
    typeof value === 'bigint' || (Number.isInteger(value) && Math.abs(value) > SEPARATED_FROM);
  return isLarge
    ? inspect(value, { numericSeparator: true, colors: false })
    : inspect(value, { colors: false });
}

/** `expected` reads on from "must be": "of type number", "an instance of AbortSignal". */
function invalidArgumentType(name, expected, value) {
  return codedError(
    TypeError,
    'ERR_INVALID_ARG_TYPE',
    `The "${name}" ${kindOf(name)} must be ${expected}. Received ${describe(value)}`,
  );
}

/** `range` reads on from "It must be": "a positive integer". */
function outOfRange(name, range, value) {
  return codedError(
    RangeError,
    'ERR_OUT_OF_RANGE',
    `The value of "${name}" is out of range. It must be ${range}. Received ${describeNumber(value)}`,
  );
}

/** `reason` reads on from the name: "must be one of: 'lazy', 'eager'". */
function invalidArgumentValue(name, reason, value) {
  const inspected = inspect(value);
  const shown =
    inspected.length > LONGEST_VALUE ? `${inspected.slice(0, LONGEST_VALUE)}...` : inspected;
  return codedError(
    TypeError,
    'ERR_INVALID_ARG_VALUE',
    `The ${kindOf(name)} '${name}' ${reason}. Received ${shown}`,
  );
}

/** A push that may neither wait nor lose anything, into a buffer without room. */
function queueFull() {
  return codedError(Error, 'ERR_QUEUE_FULL', 'The buffer of the stream is full');
}

/** A request that nobody has answered for so many milliseconds. */
function requestTimedOut(timeout) {
  return codedError(Error, 'ERR_REQUEST_TIMEOUT', `The request had no answer for ${timeout} ms`);
}

module.exports = {
  invalidArgumentType,
  invalidArgumentValue,
  outOfRange,
  queueFull,
  requestTimedOut,
};
