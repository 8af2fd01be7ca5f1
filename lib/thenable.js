'use strict';

// Items that are promises, which `await` takes apart.

const { isPromise } = require('node:util/types');

const { apply } = Reflect;
const { then } = Promise.prototype;

/**
 * Tells whether `await` might do anything with an item. Asks no getter, as only `await` may do that; what a proxy says
 * is its own matter.
 */
const isThenable = (item) =>
  ((typeof item === 'object' && item !== null) || typeof item === 'function') && 'then' in item;

/**
 * Tells whether `await` might do anything with an item. Reads no `then` that is there, as only `await` may do that.
 * It asks a proxy as `await` would, without a call of native code to know that it is one; if the proxy throws, it
 * will throw again.
 */
function mayBeThenable(item) {
  if (item === null || (typeof item !== 'object' && typeof item !== 'function')) return false;
  try {
    return 'then' in item || item.then !== undefined;
  } catch {
    return true;
  }
}

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

module.exports = { disown, isThenable, mayBeThenable };
