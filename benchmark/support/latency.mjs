/** Comparisons of the duration, in microseconds, of something that happens now and then. */

import { compare, quantile } from '../harness.mjs';

/**
 * Compares latencies. The figures are quantiles of each round, and the result is their median over the
 * rounds: one bad moment of the machine does not determine a p99.
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
