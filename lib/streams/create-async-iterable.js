'use strict';

// The well-known pattern of a push function and an iterable that gives the pushed items, within one
// thread.

const { pushArguments } = require('../support/options.js');
const { PushPort, openPushPort } = require('./push-source.js');
const { abortOn } = require('../addon/runtime.js');

function createAsyncIterable(options) {
  const { bridgeOptions, overflow, signal } = pushArguments(options);
  const port = new PushPort({ ...bridgeOptions, overflow });
  const iterable = openPushPort(port, bridgeOptions.timeSlice);
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
