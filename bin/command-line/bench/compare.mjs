import { setImmediate } from 'node:timers/promises';

class DifferentItems extends Error {
  code = 'ERR_DIFFERENT_ITEMS';

  constructor(way, other) {
    super(`There is nothing to compare: ${way} and ${other} do not give the same items`);
  }
}

function median(numbers) {
  const sorted = numbers.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function rounded(number, digits) {
  return Number(number.toFixed(digits));
}

async function timeOf(work, signal) {
  // A stop in the meantime takes effect only between turns of the event loop.
  await setImmediate();
  signal.throwIfAborted();
  const start = performance.now();
  const { items, sum } = await work();
  return { nanoseconds: ((performance.now() - start) * 1e6) / items, items, sum };
}

/**
 * Times several ways to do the same work. Rounds alternate between forward and backward order, so that other
 * load on the machine affects all ways alike. The first round only warms up, and checks that all ways have
 * the same sum and the same number of items.
 *
 * @param {object} comparison
 * @param {{ way: string, work: () => Promise<{ items: number, sum: number }> }[]} comparison.ways -
 *   The others are compared with the first one.
 * @returns Medians over the rounds. `timesAsFast` is the median of the ratios within each round.
 */
export async function compare({ ways, rounds, onRound, signal }) {
  const expected = await timeOf(ways[0].work, signal);
  for (const { way, work } of ways.slice(1)) {
    const { items, sum } = await timeOf(work, signal);
    if (items !== expected.items || sum !== expected.sum)
      throw new DifferentItems(ways[0].way, way);
  }
  const times = new Map(ways.map(({ way }) => [way, []]));
  for (let round = 1; round <= rounds; round++) {
    onRound(round);
    for (const { way, work } of round % 2 === 0 ? ways.toReversed() : ways) {
      times.get(way).push((await timeOf(work, signal)).nanoseconds);
    }
  }
  const reference = times.get(ways[0].way);
  return ways.map(({ way }) => ({
    way,
    items: expected.items,
    nanosecondsPerItem: rounded(median(times.get(way)), 1),
    timesAsFast: rounded(median(times.get(way).map((time, round) => reference[round] / time)), 2),
  }));
}
