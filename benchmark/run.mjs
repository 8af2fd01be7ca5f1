/**
 * `npm run bench [-- NAME...] [--json FILE] [--save] [--check] [--plot]`: runs all benchmarks, or those
 * that are named.
 *
 *   --json FILE  writes the report to a file
 *   --save       saves it as benchmark/results/RUNTIME.json
 *   --check      compares the ratios with the saved ones; exit code 1 if one has grown too much
 *   --plot       draws docs/charts from the saved results; without a NAME nothing else is done
 */

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { plot } from './plot.mjs';
import { compareRatios, growthText, toleranceText } from './support/check.mjs';
import { keep, keptReport, newReport, writeReport } from './support/results.mjs';
import { runModule, runtimeName } from './support/runtime.mjs';

const ALL = [
  'numbers',
  'strings',
  'bytes',
  'rows',
  'producers',
  'constructors',
  'javascript',
  'create-async-iterable',
  'threads',
  'new-worker',
  'round-trip',
  'request-bridge',
  'wake',
  'first-item',
  'opened-once',
  'event-loop',
  'memory',
  'range',
  'capacities',
  'lines',
  'walk',
  'idle',
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    save: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    plot: { type: 'boolean', default: false },
  },
});

function fail(message, exitCode) {
  console.error(message);
  process.exit(exitCode);
}

function runComparison(group, index) {
  const file = path.join(scratch, `${group}-${index}.json`);
  runModule('comparison.mjs', [group, String(index), file], ['ignore', 'inherit', 'inherit']);
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

async function runAll(groups) {
  const report = newReport();
  console.log(report.machine);
  const parts = Object.entries(report.versions).map((part) => part.join(' '));
  console.log(`${parts.join(', ')}; ${report.date}`);
  for (const group of groups) {
    const { default: comparisons } = await import(`./${group}.mjs`);
    for (const index of comparisons.keys()) report.comparisons.push(runComparison(group, index));
  }
  return report;
}

/** Returns the ratios that have grown too much twice, so that one bad moment of the machine does not count. */
function check(kept, { comparisons }) {
  const { compared, grown } = compareRatios(kept, comparisons);
  console.log(`\ncheck: ${compared} ratios against those of ${kept.date}, ${kept.machine}`);
  console.log(`check: they may grow by ${toleranceText}`);
  if (grown.length === 0) return [];
  const suspects = comparisons.filter(({ title }) => grown.some((each) => each.title === title));
  console.log(`check: ${grown.length} have grown by more, and are measured once more`);
  const again = suspects.map(({ group, index }) => runComparison(group, index));
  const keys = new Set(grown.map(({ key }) => key));
  return compareRatios(kept, again).grown.filter(({ key }) => keys.has(key));
}

const unknown = positionals.filter((name) => !ALL.includes(name));
if (unknown.length > 0) {
  fail(`There is no benchmark ${unknown.join(', ')}. There are: ${ALL.join(', ')}.`, 2);
}
const kept = keptReport(runtimeName);
if (values.check && kept === undefined) {
  fail(`There are no kept results of ${runtimeName}. Make some with --save.`, 2);
}

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'async-iterable-bridge-benchmark-'));
try {
  const onlyPlots = values.plot && positionals.length === 0 && !values.save && !values.check;
  if (!onlyPlots) {
    const report = await runAll(positionals.length > 0 ? positionals : ALL);
    if (values.json !== undefined) writeReport(values.json, report);
    if (values.check) {
      const grown = check(kept, report);
      for (const each of grown) console.error(`  ${growthText(each)}`);
      console.log(grown.length === 0 ? 'check: passed' : `check: ${grown.length} ratios failed`);
      if (grown.length > 0) process.exitCode = 1;
    }
    if (values.save) keep(runtimeName, report);
  }
  if (values.plot) for (const file of plot()) console.log(path.relative(process.cwd(), file));
} finally {
  fs.rmSync(scratch, { recursive: true });
}
