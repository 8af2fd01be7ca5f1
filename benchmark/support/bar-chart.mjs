/**
 * Draws horizontal bars on a logarithmic scale, as SVG. The colours are readable on white and on black,
 * because a picture in a README does not know its background.
 */

import { format } from './units.mjs';

const WIDTH = 840;
const LEFT = 330;
const RIGHT = 90;
const TOP = 64;
const BAR = 13;
const GAP = 9;
const CAPTION = 16;

const TEXT = '#737b85';
const OURS = '#2f81f7';
const THEIRS = '#8b949e';

const escaped = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Returns the opacity of a runtime's colour. Several runtimes have shades of the same colour. */
const opacityOf = (index, count) => (1 - (0.55 * index) / Math.max(1, count)).toFixed(2);

function text(x, y, content, attributes = '') {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escaped(content)}</text>`;
}

function bar({ x, y, width, fill, opacity }) {
  const place = `x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${width.toFixed(1)}"`;
  return `<rect ${place} height="${BAR - 2}" fill="${fill}" fill-opacity="${opacity}" rx="2"/>`;
}

/** Returns whole powers of ten around the values, and a function that returns the position of a value. */
function logarithmicScale(values) {
  const first = Math.floor(Math.log10(Math.min(...values)) - 0.1);
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values))));
  const length = WIDTH - LEFT - RIGHT;
  return {
    powers: Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index)),
    at: (value) => LEFT + ((Math.log10(value) - first) / (last - first)) * length,
  };
}

function legend(series) {
  let x = LEFT;
  return series.flatMap(({ name }, index) => {
    const opacity = opacityOf(index, series.length);
    const parts = [
      bar({ x, y: 33, width: BAR, fill: THEIRS, opacity }),
      text(x + BAR + 5, 43, name),
    ];
    x += BAR + 30 + name.length * 7;
    return parts;
  });
}

/**
 * @param {object} chart
 * @param {string} chart.heading
 * @param {string} chart.figure
 * @param {{name: string, caption: string, comparison: object}[]} chart.series  one per runtime
 */
export function barChart({ heading, figure, series }) {
  const unit = series[0].comparison.figures[figure];
  const names = [...new Set(series.flatMap(({ comparison }) => comparison.results.map(nameOf)))];
  const rows = names.map((name) => ({
    name,
    results: series.map(({ comparison }) =>
      comparison.results.find((result) => result.name === name),
    ),
  }));
  const medianOf = (result) => result.figures[figure].median;
  const scale = logarithmicScale(
    rows.flatMap(({ results }) => results.filter(Boolean).map(medianOf)).filter((each) => each > 0),
  );
  const group = BAR * series.length + GAP;
  const bottom = TOP + group * rows.length;
  const height = bottom + 28 + CAPTION * series.length;

  const parts = [
    text(10, 22, heading, `font-size="15" font-weight="600"`),
    text(10, 43, 'logarithmic; shorter is better'),
    ...legend(series),
  ];
  for (const power of scale.powers) {
    const x = scale.at(power).toFixed(1);
    parts.push(
      `<line x1="${x}" x2="${x}" y1="${TOP - 6}" y2="${bottom}" stroke="${TEXT}" stroke-opacity="0.3"/>`,
      text(scale.at(power), bottom + 14, format(power, unit), 'text-anchor="middle"'),
    );
  }
  for (const [row, { name, results }] of rows.entries()) {
    const y = TOP + group * row;
    const isOurs = results.some((result) => result?.ours);
    const middle = y + (BAR * series.length) / 2 + 4;
    const weight = isOurs ? ' font-weight="600"' : '';
    parts.push(text(LEFT - 8, middle, name, `text-anchor="end"${weight}`));
    for (const [index, result] of results.entries()) {
      if (result === undefined) continue;
      const end = Math.max(LEFT + 1, scale.at(Math.max(medianOf(result), scale.powers[0])));
      const top = y + BAR * index;
      const opacity = opacityOf(index, series.length);
      parts.push(
        bar({ x: LEFT, y: top, width: end - LEFT, fill: isOurs ? OURS : THEIRS, opacity }),
        text(end + 5, top + BAR - 3, format(medianOf(result), unit), 'font-size="11"'),
      );
    }
  }
  for (const [index, { name, caption }] of series.entries()) {
    const y = bottom + 34 + CAPTION * index;
    parts.push(text(10, y, `${name}: ${caption}`, 'font-size="11"'));
  }
  const family = 'font-family="system-ui, sans-serif" font-size="12"';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" fill="${TEXT}" ${family} role="img">`,
    `<title>${escaped(heading)}</title>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

const nameOf = ({ name }) => name;
