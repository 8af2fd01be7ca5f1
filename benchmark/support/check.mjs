/**
 * Checks whether this project has become slower relative to its references. It looks only at ratios,
 * because machines differ, and only at this project's own.
 */

/** The growth that the ratio of a figure may have: tails vary more than medians do. */
export const TOLERANCES = { time: 0.3, memory: 0.15, p50: 0.4, p99: 2, max: 4, growth: 2 };

export const toleranceText = Object.entries(TOLERANCES)
  .map(([figure, tolerance]) => `${figure} ${tolerance * 100} %`)
  .join(', ');

/**
 * Returns the ratios that have grown too much, and the number of ratios compared.
 *
 * @param {import('./results.mjs').Report} kept
 * @param {import('./results.mjs').Report['comparisons']} comparisons
 */
export function compareRatios(kept, comparisons) {
  const before = new Map(kept.comparisons.flatMap(ratiosOf).map((each) => [each.key, each]));
  const pairs = comparisons
    .flatMap(ratiosOf)
    .filter(({ key }) => before.has(key))
    .map((now) => ({ ...now, growth: now.ratio / before.get(now.key).ratio - 1 }));
  return {
    compared: pairs.length,
    grown: pairs.filter(({ growth, figure }) => growth > TOLERANCES[figure]),
  };
}

function ratiosOf({ title, references, results }) {
  const ratios = [];
  for (const { name, ours, figures } of results) {
    if (!ours) continue;
    for (const [figure, { ratios: all }] of Object.entries(figures)) {
      for (const reference of references) {
        if (reference === name) continue;
        const key = JSON.stringify([title, name, figure, reference]);
        ratios.push({ key, title, name, figure, reference, ratio: all[reference].median });
      }
    }
  }
  return ratios;
}

export function growthText({ title, name, figure, reference, ratio, growth }) {
  const percent = (growth * 100).toFixed(0);
  return `${title}: ${name} (${figure}) takes ${ratio.toFixed(3)} × ${reference}, ${percent} % more`;
}
