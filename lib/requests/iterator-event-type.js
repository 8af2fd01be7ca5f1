'use strict';

/** The types of the events that an event bus carries in answer to a request. */
const IteratorEventType = Object.freeze({
  next: 'iterator.next',
  done: 'iterator.done',
  error: 'iterator.error',
});

module.exports = { IteratorEventType };
