'use strict';

// Every default and every check of the JavaScript side. Checked options are plain and complete, so that
// the native side only converts them. An invalid value throws at once.

const { fileURLToPath } = require('node:url');
const { isUint8Array } = require('node:util/types');
const { invalidArgumentType, invalidArgumentValue, outOfRange } = require('./errors.js');

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;

const DEFAULT_CAPACITY = 1024;
const DEFAULT_MAX_BYTES = 16 * MEBIBYTE;
// The bounds on how far a request may fall behind an event bus that cannot wait.
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

// The longest timer of Node, in milliseconds.
const LONGEST_TIMER = 2 ** 31 - 1;
// More threads than this can only be a mistake, and each thread costs a stack.
const MAX_THREADS = 1024;

function checkType(value, name, type) {
  if (typeof value !== type) throw invalidArgumentType(name, `of type ${type}`, value);
}

/** Refuses text that has no form in UTF-8. In Rust, all its lone surrogates would become the same character. */
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

/** Returns the value if it is one of the choices. The first choice is the default. */
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
  // Like Node, accept any AbortSignal, also one of another realm or of a polyfill.
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

/** Checks the options that every stream has: the bridge's own options, except the overflow, and the signal. */
function streamOptions(options) {
  const signal = signalOption(options.signal);
  const start = oneOf(options.start, 'options.start', STARTS);
  const bridgeOptions = {
    capacity: positiveInteger(options.capacity, 'options.capacity', DEFAULT_CAPACITY),
    maxBytes: positiveInteger(options.maxBytes, 'options.maxBytes', DEFAULT_MAX_BYTES),
    timeSlice: timeSliceOption(options.timeSlice),
    // A stream that is cancelled before it starts never starts.
    eager: start === 'eager' && !signal?.aborted,
  };
  return { bridgeOptions, signal };
}

/** Checks the options of a source. A source can always wait for capacity, so it refuses to drop items. */
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

/** Checks `createAsyncIterable(options?)`. The producer has started already, so `start` has no effect. */
function pushArguments(options) {
  const given = optionsObject(options);
  const overflow = oneOf(given.overflow, 'options.overflow', OVERFLOWS);
  return { overflow, ...streamOptions(given) };
}

/** Checks `range(start, end, step?, options?)`. The options may also take the step's place. */
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
  // Not `instanceof`: another realm has a URL class of its own. Node goes by properties, too.
  return typeof value === 'object' && value !== null && 'href' in value && 'protocol' in value;
}

/** Returns a path as the operating system takes it: a string, or a Buffer if its bytes are not text. */
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

/** Checks a depth in levels below the root. `undefined` and `Infinity` both mean that there is no limit. */
function maxDepthOption(maxDepth) {
  if (maxDepth === undefined || maxDepth === Number.POSITIVE_INFINITY) return undefined;
  checkType(maxDepth, 'options.maxDepth', 'number');
  if (!Number.isSafeInteger(maxDepth) || maxDepth < 0) {
    throw outOfRange('options.maxDepth', 'a non-negative integer or Infinity', maxDepth);
  }
  return maxDepth;
}

/** Checks a number of threads. `undefined` leaves it to the native side. */
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

/** Checks `new Channel(options?)`. The senders have started already, so `start` has no effect. */
function channelArguments(options) {
  const { overflow, signal, bridgeOptions } = pushArguments(options);
  const { capacity, maxBytes, timeSlice } = bridgeOptions;
  const senders = positiveInteger(options?.senders, 'options.senders', 1);
  const channelOptions = { capacity, maxBytes, timeSlice, overflow, senders };
  return { channelOptions, signal };
}

/** Reports whether a value is a worker, of any realm and runtime. */
function isWorker(value) {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof value.threadId === 'number' &&
    typeof value.once === 'function' &&
    typeof value.off === 'function'
  );
}

/** Checks `channel.receiver(options?)`. Several workers may open the senders. */
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

/** Checks `channel.sender(options?)`. */
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

/** The options of an event bus's channel for requests. It needs no bound: each request waits in its caller, too. */
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

/** Checks the methods of an event bus that one half needs. The method that cancels is optional. */
function checkEventBus(events, methods, optional) {
  if (events === null || typeof events !== 'object') {
    throw invalidArgumentType('events', 'of type object', events);
  }
  for (const method of methods) checkType(events[method], `events.${method}`, 'function');
  if (events[optional] !== undefined) checkType(events[optional], `events.${optional}`, 'function');
}

const asItIs = (error) => error;

/**
 * Checks `new AsyncIterableBridgeCaller(events, options?)`. A bus that waits for the consumer keeps a request
 * within its bounds. On any other bus, a request that falls behind by more than the bounds fails.
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
    sourceOptions: {
      capacity: positiveInteger(given.capacity, 'options.capacity', capacity),
      maxBytes: positiveInteger(given.maxBytes, 'options.maxBytes', maxBytes),
      overflow: waits ? 'block' : 'error',
    },
    timeSlice: timeSliceOption(given.timeSlice),
    timeout: timeoutOption(given.timeout),
    fromThreadBoundaryError: functionOption(fromThreadBoundaryError, name, asItIs),
  };
}

/** Checks `new AsyncIterableBridgeHandler(events, handler, options?)`. */
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
