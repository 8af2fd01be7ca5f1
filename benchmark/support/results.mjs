/**
 * Reports of whole runs, and the saved reports: benchmark/results/RUNTIME.json.
 *
 * @typedef {object} Report
 * @property {string} machine
 * @property {Record<string, string>} versions
 * @property {string} date
 * @property {(Awaited<ReturnType<typeof import('../harness.mjs').compare>> & {group: string})[]} comparisons
 */

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { machine } from '../harness.mjs';

const folder = fileURLToPath(new URL('../results/', import.meta.url));
const require = createRequire(import.meta.url);

/** Returns the versions of the packages that are compared. */
function versions() {
  const lock = fs.readFileSync(new URL('../../Cargo.lock', import.meta.url), 'utf8');
  const ofCrate = (name) => new RegExp(`name = "${name}"\\nversion = "([^"]+)"`).exec(lock)[1];
  const { devDependencies } = require('../../package.json');
  const { stdout: rustc } = spawnSync('rustc', ['--version'], { encoding: 'utf8' });
  return {
    'async-iterable-bridge': require('../../package.json').version,
    rustc: rustc.split(' ')[1],
    napi: ofCrate('napi'),
    tokio: ofCrate('tokio'),
    '@repeaterjs/repeater': devDependencies['@repeaterjs/repeater'],
    'it-pushable': devDependencies['it-pushable'],
    fdir: devDependencies.fdir,
  };
}

/** @returns {Report} */
export function newReport() {
  return {
    machine: machine(),
    versions: versions(),
    date: new Date().toISOString().slice(0, 10),
    comparisons: [],
  };
}

export function writeReport(file, report) {
  fs.writeFileSync(file, `${JSON.stringify(report, rounded, 2)}\n`);
}

/** Rounds to five digits, which is more than the precision of a measurement. */
const rounded = (_, value) => (typeof value === 'number' ? Number(value.toPrecision(5)) : value);

export function keptFile(runtime) {
  return `${folder}${runtime}.json`;
}

/** @returns {Report | undefined} */
export function keptReport(runtime) {
  const file = keptFile(runtime);
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : undefined;
}

/**
 * Saves a report. Comparisons that it does not contain stay in the file, so that a part can be run again,
 * but only if they were measured on the same machine.
 *
 * @param {string} runtime
 * @param {Report} report
 */
export function keep(runtime, report) {
  const old = keptReport(runtime);
  const isSame = old?.machine === report.machine;
  const stays = (isSame ? old.comparisons : []).filter(
    ({ title }) => !report.comparisons.some((comparison) => comparison.title === title),
  );
  fs.mkdirSync(folder, { recursive: true });
  const comparisons = [...stays, ...report.comparisons];
  writeReport(keptFile(runtime), { ...report, comparisons });
}

/** Returns all saved reports by runtime, in the order of the runtimes' names. */
export function keptReports() {
  if (!fs.existsSync(folder)) return {};
  const names = fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort();
  return Object.fromEntries(names.map((name) => [name, keptReport(name)]));
}
