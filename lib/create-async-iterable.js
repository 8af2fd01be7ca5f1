'use strict';

// The well-known pattern of a push function and an iterable that gives what was pushed, within one
// thread.

const { pushArguments } = require('./options.js');
const { PushPort } = require('./push-port.js');
const { abortOn, open } = require('./runtime.js');

/** Cancels what feeds a stream that was forgotten. It must not keep the stream, which may be parked. */
const forgotten = new FinalizationRegistry((port) => port.deref()?.forget());

function createAsyncIterable(options) {
  const { bridgeOptions, overflow, signal } = pushArguments(options);
  const port = new PushPort({ ...bridgeOptions, overflow });
  const iterable = open(port, bridgeOptions.timeSlice);
  forgotten.register(iterable, new WeakRef(port));
  if (signal !== undefined) abortOn(iterable, signal);
  return {
    iterable,
    push: (item) => port.push(item),
    done: () => port.done(),
    fail: (reason) => port.fail(reason),
    ready: () => port.ready(),
    get signal() {
      return port.signal;
    },
  };
}

module.exports = { createAsyncIterable };
