'use strict';

// Every default and every check of the JavaScript side stands here. What passes is plain and
// complete, so that the native side only converts it; what does not is thrown at once.

const { fileURLToPath } = require('node:url');
const { isUint8Array } = require('node:util/types');
const { invalidArgumentType, invalidArgumentValue, outOfRange } = require('./errors.js');

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;

const DEFAULT_CAPACITY = 1024;
const DEFAULT_MAX_BYTES = 16 * MEBIBYTE;
// How far a request may fall behind an event bus that cannot wait.
const DEFAULT_LAG_CAPACITY = 65_536;
const DEFAULT_LAG_MAX_BYTES = 64 * MEBIBYTE;
const DEFAULT_TIME_SLICE = 5;
const DEFAULT_MAX_LINE_BYTES = 64 * MEBIBYTE;
const DEFAULT_STEP = 1;

const OVERFLOWS = ['block', 'drop-oldest', 'drop-newest', 'error'];
const STARTS = ['lazy', 'eager'];
const ENCODINGS = ['utf8', 'utf-8', 'buffer'];
const ERROR_POLICIES = ['throw', 'skip'];

const CHANNEL_HANDLE = /^channel:[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

// In milliseconds, as long as a timer of Node can be.
const LONGEST_TIMER = 2 ** 31 - 1;
// More threads than this could only be a mistake, and each one costs a stack.
const MAX_THREADS = 1024;

function checkType(value, name, type) {
  if (typeof value !== type) throw invalidArgumentType(name, `of type ${type}`, value);
}

/** Refuses text that has no form in UTF-8, as it goes to Rust: all lone surrogates would become the same character. */
function checkWellFormed(text, name) {
  if (!text.isWellFormed()) {
    throw invalidArgumentValue(name, 'must be well-formed, without lone surrogates', text);
  }
}

function finiteNumber(value, name) {
  checkType(value, name, 'number');
  if (!Number.isFinite(value)) throw outOfRange(name, 'a finite number', value);
  return value;
}

function positiveInteger(value, name, fallback) {
  if (value === undefined) return fallback;
  checkType(value, name, 'number');
  if (!Number.isSafeInteger(value) || value < 1)
    throw outOfRange(name, 'a positive integer', value);
  return value;
}

function boolean(value, name, fallback) {
  if (value === undefined) return fallback;
  checkType(value, name, 'boolean');
  return value;
}

/** The first choice is the default. */
function oneOf(value, name, choices) {
  if (value === undefined) return choices[0];
  if (!choices.includes(value)) {
    const list = choices.map((choice) => `'${choice}'`).join(', ');
    throw invalidArgumentValue(name, `must be one of: ${list}`, value);
  }
  return value;
}

function optionsObject(options) {
  if (options === undefined) return {};
  if (options === null || typeof options !== 'object' || Array.isArray(options)) {
    throw invalidArgumentType('options', 'of type object', options);
  }
  return options;
}

function signalOption(signal) {
  if (signal === undefined) return undefined;
  // Like Node, take any AbortSignal, also one of another realm or of a polyfill.
  if (signal === null || typeof signal !== 'object' || !('aborted' in signal)) {
    throw invalidArgumentType('options.signal', 'an instance of AbortSignal', signal);
  }
  return signal;
}

function timeSliceOption(timeSlice) {
  if (timeSlice === undefined) return DEFAULT_TIME_SLICE;
  checkType(timeSlice, 'options.timeSlice', 'number');
  if (!(timeSlice >= 0 && timeSlice <= LONGEST_TIMER)) {
    throw outOfRange('options.timeSlice', `>= 0 && <= ${LONGEST_TIMER}`, timeSlice);
  }
  return timeSlice;
}

/** What every stream understands: the bridge's own options, less the overflow, and the signal. */
function streamOptions(options) {
  const signal = signalOption(options.signal);
  const start = oneOf(options.start, 'options.start', STARTS);
  const bridgeOptions = {
    capacity: positiveInteger(options.capacity, 'options.capacity', DEFAULT_CAPACITY),
    maxBytes: positiveInteger(options.maxBytes, 'options.maxBytes', DEFAULT_MAX_BYTES),
    timeSlice: timeSliceOption(options.timeSlice),
    // What is cancelled before it starts never starts.
    eager: start === 'eager' && !signal?.aborted,
  };
  return { bridgeOptions, signal };
}

/** A source can always wait for room, so losing items is not on offer. */
function sourceOptions(options) {
  if (options.overflow !== undefined && options.overflow !== 'block') {
    throw invalidArgumentValue(
      'options.overflow',
      "must be 'block' for a source",
      options.overflow,
    );
  }
  return streamOptions(options);
}

/** `createAsyncIterable(options?)`: whoever pushes has started already, so `start` says nothing. */
function pushArguments(options) {
  const given = optionsObject(options);
  const overflow = oneOf(given.overflow, 'options.overflow', OVERFLOWS);
  return { overflow, ...streamOptions(given) };
}

/** `range(start, end, step?, options?)`, where the options may also stand in the step's place. */
function rangeArguments(start, end, step, options) {
  const stepIsOptions = typeof step === 'object' && step !== null;
  const from = finiteNumber(start, 'start');
  const to = finiteNumber(end, 'end');
  const by = step === undefined || stepIsOptions ? DEFAULT_STEP : finiteNumber(step, 'step');
  if (by === 0) throw outOfRange('step', 'a finite number other than 0', by);
  if (!Number.isFinite(to - from)) throw outOfRange('end', 'a finite distance from start', to);
  const given = optionsObject(stepIsOptions ? step : options);
  return { start: from, end: to, step: by, ...sourceOptions(given) };
}

function isUrl(value) {
  // Not `instanceof`: another realm has a URL class of its own. This is how Node tells, too.
  return typeof value === 'object' && value !== null && 'href' in value && 'protocol' in value;
}

/** A path as the operating system takes it: a string, or a Buffer where its bytes are not text. */
function pathArgument(value, name) {
  const path = isUrl(value) ? fileURLToPath(value) : value;
  if (typeof path !== 'string' && !isUint8Array(path)) {
    throw invalidArgumentType(name, 'of type string or an instance of Buffer or URL', path);
  }
  if (path.includes(typeof path === 'string' ? '\0' : 0)) {
    throw invalidArgumentValue(
      name,
      'must be a string, Uint8Array, or URL without null bytes',
      path,
    );
  }
  if (typeof path === 'string') checkWellFormed(path, name);
  if (typeof path === 'string' || Buffer.isBuffer(path)) return path;
  return Buffer.from(path.buffer, path.byteOffset, path.byteLength);
}

function linesArguments(path, options) {
  const given = optionsObject(options);
  const encoding = oneOf(given.encoding, 'options.encoding', ENCODINGS);
  return {
    path: pathArgument(path, 'path'),
    linesOptions: {
      encoding: encoding === 'buffer' ? 'buffer' : 'utf8',
      maxLineBytes: positiveInteger(
        given.maxLineBytes,
        'options.maxLineBytes',
        DEFAULT_MAX_LINE_BYTES,
      ),
    },
    ...sourceOptions(given),
  };
}

/** A depth in levels below the root; `undefined` and `Infinity` both mean that there is no limit. */
function maxDepthOption(maxDepth) {
  if (maxDepth === undefined || maxDepth === Number.POSITIVE_INFINITY) return undefined;
  checkType(maxDepth, 'options.maxDepth', 'number');
  if (!Number.isSafeInteger(maxDepth) || maxDepth < 0) {
    throw outOfRange('options.maxDepth', 'a non-negative integer or Infinity', maxDepth);
  }
  return maxDepth;
}

/** `undefined` leaves the number of threads to the native side. */
function threadsOption(threads) {
  if (threads === undefined) return undefined;
  checkType(threads, 'options.threads', 'number');
  if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS) {
    throw outOfRange('options.threads', `an integer >= 1 && <= ${MAX_THREADS}`, threads);
  }
  return threads;
}

function walkArguments(root, options) {
  const given = optionsObject(options);
  return {
    root: pathArgument(root, 'root'),
    walkOptions: {
      maxDepth: maxDepthOption(given.maxDepth),
      hidden: boolean(given.hidden, 'options.hidden', true),
      gitignore: boolean(given.gitignore, 'options.gitignore', false),
      followSymlinks: boolean(given.followSymlinks, 'options.followSymlinks', false),
      stat: boolean(given.stat, 'options.stat', false),
      threads: threadsOption(given.threads),
      skipErrors: oneOf(given.errors, 'options.errors', ERROR_POLICIES) === 'skip',
    },
    ...sourceOptions(given),
  };
}

/** `new Channel(options?)`. Whoever sends has started already, so `start` says nothing. */
function channelArguments(options) {
  const { overflow, signal, bridgeOptions } = pushArguments(options);
  const { capacity, maxBytes, timeSlice } = bridgeOptions;
  const senders = positiveInteger(options?.senders, 'options.senders', 1);
  const channelOptions = { capacity, maxBytes, timeSlice, overflow, senders };
  return { channelOptions, signal };
}

/** Tests for a worker, of any realm and runtime. */
function isWorker(value) {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof value.threadId === 'number' &&
    typeof value.once === 'function' &&
    typeof value.off === 'function'
  );
}

/** `channel.receiver(options?)`, whose senders may be opened by several workers. */
function receiverArguments(options) {
  const { worker } = optionsObject(options);
  if (worker === undefined) return { workers: [] };
  const workers = Array.isArray(worker) ? [...worker] : [worker];
  if (workers.length === 0 || !workers.every(isWorker)) {
    throw invalidArgumentType(
      'options.worker',
      'an instance of Worker or an array of them',
      worker,
    );
  }
  return { workers };
}

/** `channel.sender(options?)`. */
function senderArguments(options) {
  const { worker } = optionsObject(options);
  if (worker !== undefined && !isWorker(worker)) {
    throw invalidArgumentType('options.worker', 'an instance of Worker', worker);
  }
  return { worker };
}

function handleArgument(handle) {
  checkType(handle, 'handle', 'string');
  if (!CHANNEL_HANDLE.test(handle)) {
    throw invalidArgumentValue('handle', 'must be the handle of a channel', handle);
  }
}

/** Of the channel for requests over an event bus: each waits in its caller, too, so it needs no bound. */
const requestOptions = Object.freeze({
  ...channelArguments({ capacity: Number.MAX_SAFE_INTEGER, maxBytes: Number.MAX_SAFE_INTEGER })
    .channelOptions,
  senders: Number.POSITIVE_INFINITY,
});

const responseOptions = Object.freeze(channelArguments().channelOptions);

function busNameArgument(name) {
  checkType(name, 'name', 'string');
  if (name === '') throw invalidArgumentValue('name', 'must not be empty', name);
  checkWellFormed(name, 'name');
  return name;
}

function listenerArgument(listener) {
  checkType(listener, 'listener', 'function');
  return listener;
}

function functionOption(value, name, fallback) {
  if (value === undefined && fallback !== undefined) return fallback;
  checkType(value, name, 'function');
  return value;
}

function timeoutOption(timeout) {
  if (timeout === undefined) return undefined;
  checkType(timeout, 'options.timeout', 'number');
  if (!(timeout > 0 && timeout <= LONGEST_TIMER)) {
    throw outOfRange('options.timeout', `> 0 && <= ${LONGEST_TIMER}`, timeout);
  }
  return timeout;
}

/** The methods of an event bus that one half needs; those that cancel, it may have. */
function checkEventBus(events, methods, optional) {
  if (events === null || typeof events !== 'object') {
    throw invalidArgumentType('events', 'of type object', events);
  }
  for (const method of methods) checkType(events[method], `events.${method}`, 'function');
  if (events[optional] !== undefined) checkType(events[optional], `events.${optional}`, 'function');
}

const asItIs = (error) => error;

/**
 * `new AsyncIterableBridgeCaller(events, options?)`. A bus that waits for the consumer holds a request
 * to its bounds. On any other the bounds are what a request may fall behind before it fails.
 */
function callerArguments(events, options) {
  checkEventBus(events, ['emitRequest', 'onResponse'], 'emitRequestCancel');
  const waits = boolean(events.waitsForConsumer, 'events.waitsForConsumer', false);
  const given = optionsObject(options);
  const capacity = waits ? DEFAULT_CAPACITY : DEFAULT_LAG_CAPACITY;
  const maxBytes = waits ? DEFAULT_MAX_BYTES : DEFAULT_LAG_MAX_BYTES;
  const { fromThreadBoundaryError } = given;
  const name = 'options.fromThreadBoundaryError';
  return {
    portOptions: {
      capacity: positiveInteger(given.capacity, 'options.capacity', capacity),
      maxBytes: positiveInteger(given.maxBytes, 'options.maxBytes', maxBytes),
      overflow: waits ? 'block' : 'error',
    },
    timeSlice: timeSliceOption(given.timeSlice),
    timeout: timeoutOption(given.timeout),
    fromThreadBoundaryError: functionOption(fromThreadBoundaryError, name, asItIs),
  };
}

/** `new AsyncIterableBridgeHandler(events, handler, options?)`. */
function handlerArguments(events, handler, options) {
  checkEventBus(events, ['emitResponse', 'onRequest'], 'onRequestCancel');
  functionOption(handler, 'handler');
  const { toThreadBoundaryError } = optionsObject(options);
  const name = 'options.toThreadBoundaryError';
  return { toThreadBoundaryError: functionOption(toThreadBoundaryError, name, asItIs) };
}

module.exports = {
  busNameArgument,
  callerArguments,
  channelArguments,
  handleArgument,
  handlerArguments,
  linesArguments,
  listenerArgument,
  pushArguments,
  rangeArguments,
  receiverArguments,
  requestOptions,
  responseOptions,
  senderArguments,
  walkArguments,
};
