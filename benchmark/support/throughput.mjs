/**
 * Comparisons of the cost of an item. Before anything is timed, each contender has to deliver the
 * expected items, all of them and in order.
 *
 * @typedef {object} Source
 * @property {string} name
 * @property {boolean} [ours]
 * @property {(items: number) => AsyncIterable<unknown>} open  a stream of the first `items` items
 * @property {boolean} [batches]  whether the stream returns arrays of items
 * @property {(items: number) => void} [copy]  instead of `open`: work without a stream
 * @property {boolean} [unordered]  whether only the set of items is known
 */

import assert from 'node:assert/strict';
import { compare } from '../harness.mjs';
import { ownConsumers } from './consumers.mjs';

const SAMPLE_MILLISECONDS = 80;

/** The number of items of the first attempt, before the speed of a contender is known. */
const FIRST_ITEMS = 64;

/**
 * @param {object} comparison
 * @param {string} [comparison.title]
 * @param {import('./items.mjs').Kind} comparison.kind
 * @param {Source[]} comparison.sources
 * @param {string[]} comparison.references
 * @param {number} [comparison.sampleMilliseconds]  the approximate duration of a sample
 */
export async function compareThroughput({
  kind,
  title,
  sources,
  references,
  sampleMilliseconds = SAMPLE_MILLISECONDS,
}) {
  const contenders = [];
  for (const source of sources) {
    if (source.copy === undefined) await check(source, kind);
    contenders.push({
      name: source.name,
      ours: source.ours,
      play: await calibrated(await turnOf(source, kind), kind.most, sampleMilliseconds),
    });
  }
  const comparison = await compare({
    title: title ?? kind.title,
    figures: { time: 'ns per item' },
    contenders,
    references,
  });
  return { ...comparison, itemBytes: kind.bytes };
}

/** Checks that the source delivers exactly the expected items, and throws otherwise. */
async function check({ name, open, batches, unordered }, kind) {
  const received = [];
  for await (const given of open(kind.checked)) {
    if (batches) received.push(...given);
    else received.push(given);
  }
  if (unordered) received.sort((a, b) => a - b);
  assert.equal(received.length, kind.checked, `${name}: the number of ${kind.title}`);
  for (const [index, item] of received.entries()) {
    const expected = kind.make(index);
    const isSame = item instanceof Uint8Array ? Buffer.compare(item, expected) === 0 : undefined;
    if (isSame === undefined) assert.deepEqual(item, expected, `${name}: item ${index}`);
    else assert.ok(isSame, `${name}: item ${index}`);
  }
}

/** Returns a function that consumes one stream of `items` items and checks the result. */
async function turnOf({ name, open, batches, copy }, kind) {
  if (copy !== undefined) return copy;
  const consumers = await ownConsumers(kind.digest);
  const consume = batches ? consumers.batches : consumers.items;
  const expected = await sumOf(kind);
  return async (items) => {
    const result = await consume(open(items));
    // The comparison is not deep, because it is timed, too.
    if (result.items !== items || result.sum !== expected(items)) {
      throw new Error(`${name}: ${result.items} of ${items} ${kind.title}, sum ${result.sum}`);
    }
  };
}

/** Returns a function that adds up the digests of the first `items` items, only once for each count. */
async function sumOf(kind) {
  const { DIGESTS } = await import('./consumers.mjs');
  const digest = DIGESTS[kind.digest];
  const sums = new Map();
  return (items) => {
    if (!sums.has(items)) {
      let sum = 0;
      for (let index = 0; index < items; index++) sum += digest(kind.make(index));
      sums.set(items, sum);
    }
    return sums.get(items);
  };
}

/**
 * Determines the number of items in a sample of the right length, and warms up the contender. A sample
 * is one stream, or several if it takes more than `most` items.
 */
async function calibrated(turn, most, sampleMilliseconds) {
  const play = async (total) => {
    const streams = Math.ceil(total / most);
    const items = Math.ceil(total / streams);
    const start = performance.now();
    for (let stream = 0; stream < streams; stream++) await turn(items);
    return { milliseconds: performance.now() - start, items: items * streams };
  };
  let total = FIRST_ITEMS;
  for (;;) {
    await play(total); // so that the sum is known
    const { milliseconds } = await play(total);
    if (milliseconds > sampleMilliseconds / 2) {
      total = Math.ceil((total * sampleMilliseconds) / milliseconds);
      break;
    }
    total = Math.ceil(total * Math.min(8, sampleMilliseconds / milliseconds));
  }
  await play(total);
  return async () => {
    const { milliseconds, items } = await play(total);
    return { time: (milliseconds * 1e6) / items };
  };
}
