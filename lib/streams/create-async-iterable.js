'use strict';

// The well-known pattern of a push function and an iterable that gives the pushed items, within one
// thread.

const { pushArguments } = require('../support/options.js');
const { PushSource, openPushSource } = require('./push-source.js');
const { abortOn } = require('../addon/runtime.js');

function createAsyncIterable(options) {
  const { bridgeOptions, overflow, signal } = pushArguments(options);
  const source = new PushSource({ ...bridgeOptions, overflow });
  const iterable = openPushSource(source, bridgeOptions.timeSlice);
  if (signal !== undefined) abortOn(iterable, signal);
  return {
    iterable,
    push: (item) => source.push(item),
    done: () => source.done(),
    fail: (reason) => source.fail(reason),
    ready: () => source.ready(),
    get signal() {
      return source.signal;
    },
  };
}

module.exports = { createAsyncIterable };
