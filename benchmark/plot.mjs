/** Draws the saved results: docs/charts/*.svg, which the README shows. */

import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { barChart } from './support/bar-chart.mjs';
import { keptReports } from './support/results.mjs';

const folder = fileURLToPath(new URL('../docs/charts/', import.meta.url));

/** The charts: one for each figure of a comparison that shows something at a glance. */
const CHARTS = [
  { file: 'numbers', title: 'numbers', figure: 'time', heading: 'Time for a number' },
  {
    file: 'strings-60',
    title: 'strings of 60 bytes',
    figure: 'time',
    heading: 'Time for a string of 60 bytes',
  },
  {
    file: 'bytes-1-kib',
    title: 'bytes, 1 KiB each',
    figure: 'time',
    heading: 'Time for a Buffer of 1 KiB',
  },
  {
    file: 'bytes-1-mib',
    title: 'bytes, 1 MiB each',
    figure: 'time',
    heading: 'Time for a Buffer of 1 MiB',
  },
  {
    file: 'rows-4',
    title: 'rows of 4 fields',
    figure: 'time',
    heading: 'Time for a row of 4 fields',
  },
  {
    file: 'rows-12',
    title: 'rows of 12 fields',
    figure: 'time',
    heading: 'Time for a row of 12 fields',
  },
  {
    file: 'javascript',
    title: 'numbers, within JavaScript',
    figure: 'time',
    heading: 'Time for a number, within one thread',
  },
  {
    file: 'wake',
    title: 'wake latency',
    figure: 'p50',
    heading: 'Wake of an idle consumer, p50',
  },
  {
    file: 'first-item',
    title: 'first item',
    figure: 'p50',
    heading: 'From the call to the first item, p50',
  },
  {
    file: 'event-loop',
    title: 'event-loop delay',
    figure: 'max',
    heading: 'Longest delay of a timer while numbers are consumed',
  },
  {
    file: 'memory',
    title: 'memory of an idle stream',
    figure: 'memory',
    heading: 'Memory of an idle stream',
  },
];

/** Draws the charts that have saved results, and returns their files. */
export function plot() {
  const reports = Object.entries(keptReports());
  fs.mkdirSync(folder, { recursive: true });
  return CHARTS.flatMap(({ file, title, figure, heading }) => {
    const series = reports.flatMap(([runtime, report]) => {
      const comparison = report.comparisons.find((each) => each.title === title);
      if (comparison === undefined) return [];
      const { machine, date } = report;
      return [{ name: runtime, caption: `${machine}, ${date}`, comparison }];
    });
    if (series.length === 0) return [];
    const path = `${folder}${file}.svg`;
    fs.writeFileSync(path, barChart({ heading, figure, series }));
    return [path];
  });
}
