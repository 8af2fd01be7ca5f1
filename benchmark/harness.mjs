/**
 * Runs contenders against each other in one process, alternating, and prints medians. The figure
 * to read is the ratio: both sides of it have seen the same noise.
 */

import os from 'node:os';

/** How many rounds are played; the first one warms up and does not count. */
const ROUNDS = 9;

/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {() => Promise<number>} run  does the work once, and resolves to how many items it saw
 */

/**
 * @param {string} title
 * @param {Contender[]} contenders  the first is what the others are compared with
 * @param {{rounds?: number}} [options]
 */
export async function compare(title, contenders, { rounds = ROUNDS } = {}) {
  const samples = contenders.map(() => []);
  let items = 0;
  for (let round = 0; round <= rounds; round++) {
    for (const [index, { run }] of contenders.entries()) {
      globalThis.gc?.();
      const start = performance.now();
      items = await run();
      const nanoseconds = (performance.now() - start) * 1e6;
      if (round > 0) samples[index].push(nanoseconds / items);
    }
  }
  const results = contenders.map(({ name }, index) => ({ name, ...spread(samples[index]) }));
  print(title, results);
  return { title, unit: 'nanoseconds per item', rounds, results };
}

/** The median and the quartiles of some samples. */
export function spread(samples) {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (quantile) => sorted[Math.round(quantile * (sorted.length - 1))];
  return { median: at(0.5), lower: at(0.25), upper: at(0.75) };
}

function print(title, results) {
  const reference = results[0].median;
  console.log(`\n${title}`);
  for (const { name, median, lower, upper } of results) {
    const columns = [
      `  ${name.padEnd(44)}`,
      `${format(median)} ns`.padStart(12),
      `(${format(lower)} - ${format(upper)})`.padStart(20),
      `${(1e3 / median).toFixed(2)} M/s`.padStart(14),
      `${(median / reference).toFixed(2)} ×`.padStart(9),
    ];
    console.log(columns.join(''));
  }
}

function format(nanoseconds) {
  return nanoseconds >= 100 ? nanoseconds.toFixed(0) : nanoseconds.toFixed(1);
}

/** Consumes an async iterable, and counts its items. */
export async function count(iterable) {
  let items = 0;
  for await (const _ of iterable) items++;
  return items;
}

/** Consumes an async iterable of arrays, and counts what is in them. */
export async function countBatches(iterable) {
  let items = 0;
  for await (const batch of iterable) items += batch.length;
  return items;
}

/** What the figures were measured on. */
export function machine() {
  const runtime = globalThis.Bun
    ? `Bun ${globalThis.Bun.version}`
    : globalThis.Deno
      ? `Deno ${globalThis.Deno.version.deno}`
      : `Node ${process.version}`;
  const [{ model }] = os.cpus();
  return `${runtime}, ${os.cpus().length} × ${model.trim()}, ${os.type()} ${os.release()}`;
}
