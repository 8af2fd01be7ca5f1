'use strict';

// Errors for bad arguments, worded as Node words its own (lib/internal/errors.js of Node): the same
// codes, the same sentences, and a stack that begins `TypeError [ERR_X]: ...` while `name` stays
// 'TypeError'.

const { inspect } = require('node:util');
const { describeCopies } = require('../addon/copies.js');

// Above this magnitude Node separates the digits of an integer by thousands.
const SEPARATED_FROM = 2 ** 32;
const LONGEST_VALUE = 128;
const LONGEST_PRIMITIVE = 28;

function codedError(Base, code, message) {
  const error = new Base(message);
  // A stack takes its first line from `name`, either when it is captured or when it is first read: that
  // depends on the engine. So the name has the code at both times.
  error.name = `${Base.name} [${code}]`;
  Error.captureStackTrace(error, codedError);
  void error.stack;
  delete error.name;
  error.code = code;
  return error;
}

/** Returns the word for a name: 'options.capacity' is a property, 'path' an argument. */
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

/** Makes the error of a wrong type. `expected` continues "must be": "of type number", "an instance of AbortSignal". */
function invalidArgumentType(name, expected, value) {
  return codedError(
    TypeError,
    'ERR_INVALID_ARG_TYPE',
    `The "${name}" ${kindOf(name)} must be ${expected}. Received ${describe(value)}`,
  );
}

/** Makes the error of a number outside its range. `range` continues "It must be": "a positive integer". */
function outOfRange(name, range, value) {
  return codedError(
    RangeError,
    'ERR_OUT_OF_RANGE',
    `The value of "${name}" is out of range. It must be ${range}. Received ${describeNumber(value)}`,
  );
}

/** Makes the error of a wrong value. `reason` continues the name: "must be one of: 'lazy', 'eager'". */
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

/** Makes the error of a push that may neither wait nor drop an item, into a full buffer. */
function queueFull() {
  return codedError(Error, 'ERR_QUEUE_FULL', 'The buffer of the stream is full');
}

/** Makes the error of a handle that is forged, or of a channel without any remaining end. */
function channelNotFound(handle) {
  return codedError(
    Error,
    'ERR_CHANNEL_NOT_FOUND',
    `There is no channel of the handle ${inspect(handle)} in this process, or it has ended${describeCopies()}`,
  );
}

/** Makes the error of an end of a channel that was opened as often as it may be. */
function channelInUse(message) {
  return codedError(Error, 'ERR_CHANNEL_IN_USE', message);
}

/** Makes the error of a second request with the same id: their responses could not be distinguished. */
function requestPending(id) {
  return codedError(
    Error,
    'ERR_REQUEST_PENDING',
    `The request ${inspect(id)} is pending: each caller needs an event bus of its own`,
  );
}

/** Makes the error of an event bus name that has a handler already. */
function eventBusInUse(name) {
  return codedError(
    Error,
    'ERR_EVENT_BUS_IN_USE',
    `The requests over the event bus ${inspect(name)} have a handler already`,
  );
}

/** Makes the error of an event bus that sends and handles no more requests. */
function eventBusClosed(name) {
  return codedError(
    Error,
    'ERR_EVENT_BUS_CLOSED',
    `The event bus ${inspect(name)} has been closed`,
  );
}

/** Makes the error of a producer that has gone without `done()` or `fail()`. */
function producerTerminated() {
  return codedError(
    Error,
    'ERR_PRODUCER_TERMINATED',
    'The sender has gone without done() or fail(): its thread has ended, or the sender was forgotten',
  );
}

/** Makes the error of a request without an answer. `copies` is a sentence on the copies that may have the handler. */
function requestTimedOut(timeout, copies = '') {
  return codedError(
    Error,
    'ERR_REQUEST_TIMEOUT',
    `The request had no answer for ${timeout} ms${copies}`,
  );
}

const FROM_SOURCE =
  'To build it from source, with Rust: clone https://github.com/async-iterable-bridge/async-iterable-bridge ' +
  'and check this version out, run `npm ci` and `npm run build`, and set ASYNC_ITERABLE_BRIDGE_ADDON ' +
  'to the path of the .node file that this makes.';

/** Makes the error of an addon that cannot be loaded. `cause` is the error of loading it, if there was one to load. */
function addonUnavailable(platform, cause) {
  const message =
    cause === undefined
      ? `There is no prebuilt addon of async-iterable-bridge for ${platform}. ${FROM_SOURCE}`
      : `The addon of async-iterable-bridge for ${platform} cannot be loaded: ` +
        `${cause.message.split('\n')[0]}. If its package is missing, install without ` +
        `--omit=optional and on ${platform} itself. ${FROM_SOURCE}`;
  return Object.assign(
    codedError(Error, 'ERR_ADDON_UNAVAILABLE', message),
    cause === undefined ? {} : { cause },
  );
}

/** Makes the error of an addon of another release than the JavaScript: the two do not fit each other. */
function addonOfOtherVersion(platform, found, expected) {
  return codedError(
    Error,
    'ERR_ADDON_VERSION',
    `The addon for ${platform} is of ${found ?? 'an unknown version'}, but async-iterable-bridge is ` +
      `${expected}: install both again, or rebuild what ASYNC_ITERABLE_BRIDGE_ADDON names`,
  );
}

module.exports = {
  addonOfOtherVersion,
  addonUnavailable,
  channelInUse,
  channelNotFound,
  eventBusClosed,
  eventBusInUse,
  invalidArgumentType,
  invalidArgumentValue,
  outOfRange,
  producerTerminated,
  queueFull,
  requestPending,
  requestTimedOut,
};
