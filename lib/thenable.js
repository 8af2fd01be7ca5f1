'use strict';

// Items that are promises, which `await` takes apart.

const { isPromise } = require('node:util/types');

const { then } = Promise.prototype;

/**
 * Whether `await` might do anything with it. Asks no getter, as only `await` may do that; what a proxy says
 * is its own matter.
 */
const isThenable = (item) =>
  ((typeof item === 'object' && item !== null) || typeof item === 'function') && 'then' in item;

/** Sees to it that a promise which nobody will await may reject. */
function disown(item) {
  if (isPromise(item)) Reflect.apply(then, item, [undefined, () => {}]);
}

module.exports = { disown, isThenable };
