/** Comparisons of how long something takes that happens now and then, in microseconds. */

import { compare, quantile } from '../harness.mjs';

/**
 * The figures are quantiles of each round, of which the median over the rounds is given: one bad
 * moment of the machine does not make a p99.
 *
 * @param {object} comparison
 * @param {string} comparison.title
 * @param {{name: string, ours?: boolean, before?: () => unknown, after?: () => unknown,
 *   latencies: () => Promise<number[]>}[]} comparison.contenders
 * @param {string[]} comparison.references
 * @param {number} [comparison.rounds]
 */
export async function compareLatencies({ title, contenders, references, rounds }) {
  return compare({
    title,
    figures: { p50: 'µs', p99: 'µs' },
    contenders: contenders.map(({ latencies, ...contender }) => ({
      ...contender,
      async play() {
        const all = await latencies();
        return { p50: quantile(all, 0.5), p99: quantile(all, 0.99) };
      },
    })),
    references,
    rounds,
    warmsUp: true,
  });
}
