/** Contenders that do one whole piece of work in each turn, whatever its size. */

import { ownConsumers } from './consumers.mjs';

/** @param {() => Promise<number>} work  resolves to its number of items */
export function timed(work) {
  return async () => {
    const start = performance.now();
    const items = await work();
    return { time: ((performance.now() - start) * 1e6) / items };
  };
}

/**
 * Consumes a stream in a loop of its own.
 *
 * @param {() => AsyncIterable<unknown>} open
 * @param {{digest: string, batches?: boolean, expected: number}} options  `expected` is the number of items
 */
export async function consumed(open, { digest, batches = false, expected }) {
  const consumers = await ownConsumers(digest);
  const consume = batches ? consumers.batches : consumers.items;
  return timed(async () => {
    const { items, sum } = await consume(open());
    if (items !== expected) throw new Error(`${items} items instead of ${expected}`);
    if (Number.isNaN(sum)) throw new Error('not the items that were expected');
    return items;
  });
}
