'use strict';

// Items that are promises, which `await` takes apart.

const { isPromise } = require('node:util/types');

const { apply } = Reflect;
const { then } = Promise.prototype;

/**
 * Reports whether `await` might do anything with an item. Calls no getter, as only `await` may do that. The trap of a
 * proxy decides for the proxy.
 */
const isThenable = (item) =>
  ((typeof item === 'object' && item !== null) || typeof item === 'function') && 'then' in item;

/**
 * Reports whether `await` might do anything with an item. Reads no `then` that is there, as only `await` may do that.
 * Reads the `then` of a proxy as `await` would, without a call of native code to detect the proxy. A proxy that throws
 * here will throw again.
 */
function mayBeThenable(item) {
  if (item === null || (typeof item !== 'object' && typeof item !== 'function')) return false;
  try {
    return 'then' in item || item.then !== undefined;
  } catch {
    return true;
  }
}

/**
 * Awaits a promise exactly as a generator does before it yields. Calls back with the item or the reason, in the same
 * microtask in which the generator would go on.
 */
async function settle(promised, fulfilled, rejected) {
  let item;
  try {
    item = await promised;
  } catch (reason) {
    rejected(reason);
    return;
  }
  fulfilled(item);
}

const ignore = () => {};

/** Marks the rejection of a promise as handled, because no call will await the promise. */
function suppressRejection(item) {
  if (!isPromise(item)) return;
  try {
    apply(then, item, [undefined, ignore]);
  } catch {
    // The promise's own getter `constructor` has thrown.
  }
}

module.exports = { isThenable, mayBeThenable, settle, suppressRejection };
