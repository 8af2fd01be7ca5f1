/**
 * Runs contenders against each other in one process, in alternating rounds. The figure to read is the
 * ratio, because the same noise affects both of its sides. It is taken within each round, and the
 * result is the median over the rounds.
 *
 * @typedef {object} Contender
 * @property {string} name
 * @property {boolean} [ours]  whether it belongs to this project; `--check` looks at these
 * @property {() => unknown} [before]  the preparation of each turn, which is not measured
 * @property {() => unknown} [after]
 * @property {() => Promise<Record<string, number>>} play  one turn; less is better in each figure
 *
 * @typedef {{median: number, lower: number, upper: number}} Spread  the median and the quartiles
 * @typedef {Spread & {ratios: Record<string, Spread>}} Figure  the ratios are relative to each reference
 * @typedef {{name: string, ours: boolean, figures: Record<string, Figure>}} Result
 */

import os from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { collectGarbage } from '../__test__/support/garbage.mjs';

const ROUNDS = 9;

/**
 * @param {object} comparison
 * @param {string} comparison.title
 * @param {Record<string, string>} comparison.figures  the unit of each figure
 * @param {Contender[]} comparison.contenders
 * @param {string[]} comparison.references  the contenders with which all are compared
 * @param {number} [comparison.rounds]
 * @param {boolean} [comparison.warmsUp]  whether there is a first round that does not count
 */
export async function compare(comparison) {
  const { title, figures, contenders, references, rounds = ROUNDS, warmsUp = false } = comparison;
  for (const reference of references) {
    if (contenders.some(({ name }) => name === reference)) continue;
    throw new Error(`${title}: there is no contender ${reference}`);
  }
  if (warmsUp) await playRounds(contenders, 1);
  const samples = await playRounds(contenders, rounds);
  const results = contenders.map(({ name, ours = false }) => ({
    name,
    ours,
    figures: Object.fromEntries(
      Object.keys(figures).map((figure) => {
        const of = (contender) => samples.get(contender).map((sample) => sample[figure]);
        const ratiosTo = (reference) => {
          const theirs = of(reference);
          return spread(of(name).map((value, round) => value / theirs[round]));
        };
        const ratios = references.map((reference) => [reference, ratiosTo(reference)]);
        return [figure, { ...spread(of(name)), ratios: Object.fromEntries(ratios) }];
      }),
    ),
  }));
  return { title, figures, references, rounds, results };
}

/** Plays the rounds, and returns the figures of each contender in each round, by its name. */
async function playRounds(contenders, rounds) {
  const samples = new Map(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    // The order alternates, so that no contender always follows the same one.
    const order = round % 2 === 0 ? contenders : contenders.toReversed();
    for (const { name, before, after, play } of order) {
      await before?.();
      await settle();
      samples.get(name).push(await play());
      await after?.();
    }
  }
  return samples;
}

/**
 * Removes the garbage of the previous contender. Native finalizers run in the turns of the event loop that
 * follow a collection, and would be counted against the next contender.
 */
async function settle() {
  collectGarbage();
  for (let turn = 0; turn < 3; turn++) await setImmediate();
}

/** @returns {Spread} */
export function spread(samples) {
  return {
    median: quantile(samples, 0.5),
    lower: quantile(samples, 0.25),
    upper: quantile(samples, 0.75),
  };
}

/** Returns the value below which the given part of the samples lies. */
export function quantile(samples, part) {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.round(part * (sorted.length - 1))];
}

/** Returns the machine on which the figures were measured. */
export function machine() {
  const runtime = globalThis.Bun
    ? `Bun ${globalThis.Bun.version}`
    : globalThis.Deno
      ? `Deno ${globalThis.Deno.version.deno}`
      : `Node ${process.version}`;
  const [{ model }] = os.cpus();
  return `${runtime}, ${os.cpus().length} × ${model.trim()}, ${os.type()} ${os.release()}`;
}
