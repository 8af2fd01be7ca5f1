/** Prints comparisons as text. Every figure has its unit beside it or above it. */

import { format } from './units.mjs';

const NAME_WIDTH = 54;

/** Prints a table for each figure of a comparison. */
export function print({ title, figures, references, rounds, results, itemBytes, notes = [] }) {
  for (const [figure, unit] of Object.entries(figures)) {
    const isTime = unit === 'ns per item';
    const heading = `\n${title}: ${isTime ? unit : `${figure}, ${unit}`}; ${rounds} rounds`;
    console.log(`${heading}, median (quartiles)`);
    for (const { name, figures: all } of results) {
      const { median, lower, upper, ratios } = all[figure];
      const mark = references.includes(name) ? `[${references.indexOf(name) + 1}] ` : '';
      const columns = [
        `  ${mark}${name}`.padEnd(NAME_WIDTH),
        format(median, unit).padStart(10),
        `(${format(lower, unit)} - ${format(upper, unit)})`.padStart(25),
        ...(isTime ? throughput(median, itemBytes) : []).map((each) => each.padStart(15)),
        ...references.map((reference, index) =>
          `${ratioText(ratios[reference].median)} × [${index + 1}]`.padStart(14),
        ),
      ];
      console.log(columns.join(' '));
    }
  }
  for (const note of notes) console.log(`  ${note}`);
}

/** Returns items per second, and bytes per second if the bytes are known. */
function throughput(nanoseconds, itemBytes) {
  const perSecond = 1e9 / nanoseconds;
  const items = format(perSecond, 'items per second');
  return itemBytes === undefined
    ? [items]
    : [items, format(perSecond * itemBytes, 'bytes per second')];
}

function ratioText(ratio) {
  return ratio < 0.1 ? ratio.toFixed(4) : ratio.toFixed(2);
}
