/**
 * The parts that all soaks share: arguments, seeded randomness, reliable readings of resident memory
 * and the verdict. A soak prints its progress to standard error and one line of JSON to standard
 * output, and exits with code 1 if it has missed a bound.
 */

import { parseArgs } from 'node:util';
import { getHeapSpaceStatistics } from 'node:v8';
import { collectGarbage } from '../__test__/support/garbage.mjs';
import { machine } from '../benchmark/harness.mjs';

/** The largest growth of resident memory that is allowed after the warm-up. */
const MOST_GROWTH = 0.1;

/** The time in which V8, the allocator and the thread stacks settle, as a part of the soak. */
const WARM_UP = 0.1;

/** The native handles of a process without streams. */
const NO_HANDLES = { streams: 0, producers: 0, hubs: 0 };

/** The time that the last handles have to disappear. */
const QUIET_LIMIT_MILLISECONDS = 30_000;

/**
 * Returns the arguments of a soak: `--name VALUE` for a number, `--name` for a flag.
 *
 * @template {Record<string, number | boolean>} Defaults
 * @param {Defaults} defaults
 * @returns {Defaults}
 */
export function soakArguments(defaults) {
  const type = (value) => (typeof value === 'boolean' ? 'boolean' : 'string');
  const options = Object.entries(defaults).map(([name, value]) => [name, { type: type(value) }]);
  const { values } = parseArgs({
    args: process.argv.slice(2),
    options: Object.fromEntries(options),
  });
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'boolean') continue;
    values[name] = Number(value);
    if (Number.isNaN(values[name])) throw new Error(`--${name} takes a number, not ${value}`);
  }
  return { ...defaults, ...values };
}

/**
 * Returns the value below which the given part of the samples lies.
 *
 * @param {number[]} samples
 * @param {number} part
 */
export function quantile(samples, part) {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.round(part * (sorted.length - 1))];
}

/**
 * Returns the size of V8's young generation. V8 doubles it whenever much has survived in it, up to 32 MB
 * and more. These steps can come at any time of a soak, and are not leaks. JavaScriptCore reports none.
 */
function youngGeneration() {
  const { physical_space_size: bytes } = getHeapSpaceStatistics().find(
    ({ space_name }) => space_name === 'new_space',
  );
  return bytes;
}

/**
 * Resident memory over the course of a soak, always read after a garbage collection. A single
 * reading says little, because neither V8 nor the allocator returns memory at once. So the median
 * of a window at the end is compared with the median of a window after the warm-up.
 */
export class ResidentMemory {
  #all = [];
  #withoutYoung = [];

  sample() {
    collectGarbage();
    const { rss } = process.memoryUsage();
    this.#all.push(rss);
    this.#withoutYoung.push(rss - youngGeneration());
  }

  get last() {
    return megabytes(this.#all.at(-1));
  }

  /** Returns the figures to report. The growth that counts is `growth`, without V8's young generation. */
  figures() {
    const quarters = [0, 0.25, 0.5, 0.75].map((part) =>
      megabytes(this.#all[Math.floor(part * this.#all.length)]),
    );
    return {
      megabytes: [...quarters, this.last],
      growthOfAll: growth(this.#all),
      growth: growth(this.#withoutYoung),
    };
  }
}

/** Returns the growth from the window after the warm-up to the window at the end. */
function growth(samples) {
  const window = Math.ceil(samples.length * WARM_UP);
  const before = quantile(samples.slice(window, 2 * window), 0.5);
  const after = quantile(samples.slice(-window), 0.5);
  return Number((after / before - 1).toFixed(3));
}

const megabytes = (bytes) => Math.round(bytes / 2 ** 20);

/** Returns a failure if resident memory has grown too much; none otherwise. */
export function growthFailures({ growth }) {
  const percent = (growth * 100).toFixed(1);
  return growth <= MOST_GROWTH ? [] : [`resident memory has grown by ${percent} %`];
}

/**
 * Waits until no native handle is alive, and returns a failure if some remain.
 *
 * @param {() => { streams: number, producers: number, hubs: number }} count
 * @param {object} [expected] - The numbers of handles that the main thread itself still needs.
 */
export async function handleFailures(count, expected = {}) {
  const limits = Object.entries({ ...NO_HANDLES, ...expected });
  const deadline = performance.now() + QUIET_LIMIT_MILLISECONDS;
  while (performance.now() < deadline) {
    collectGarbage();
    const live = count();
    if (limits.every(([name, most]) => live[name] <= most)) return [];
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return [`live handles stay: ${JSON.stringify(count())}`];
}

let lastProgress = Number.NEGATIVE_INFINITY;

/** Shows the progress of a soak, at most once a second. */
export function progress(text) {
  const now = performance.now();
  if (now - lastProgress < 1000) return;
  lastProgress = now;
  process.stderr.write(`${text}\n`);
}

/**
 * Prints the measurements, and sets the exit code.
 *
 * @param {string} soak
 * @param {object} figures
 * @param {string[]} failures - The failures, one sentence each.
 */
export function report(soak, figures, failures) {
  const passed = failures.length === 0;
  const result = { soak, passed, failures, ...figures, machine: machine() };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exitCode = passed ? 0 : 1;
}
