'use strict';

// Items that are promises, which `await` takes apart.

const { isPromise } = require('node:util/types');

const { apply } = Reflect;
const { then } = Promise.prototype;

/**
 * Whether `await` might do anything with it. Asks no getter, as only `await` may do that; what a proxy says
 * is its own matter.
 */
const isThenable = (item) =>
  ((typeof item === 'object' && item !== null) || typeof item === 'function') && 'then' in item;

const ignore = () => {};

/** Lets a promise reject that no call will await. */
function disown(item) {
  if (!isPromise(item)) return;
  try {
    apply(then, item, [undefined, ignore]);
  } catch {
    // A getter `constructor` of its own has thrown.
  }
}

module.exports = { disown, isThenable };
