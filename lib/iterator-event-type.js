'use strict';

/** What happens to a request, as an event bus tells it. */
const IteratorEventType = Object.freeze({
  next: 'iterator.next',
  done: 'iterator.done',
  error: 'iterator.error',
});

module.exports = { IteratorEventType };
