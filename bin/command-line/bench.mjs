// `bench [NAME...]`: this package and Node's own ways, side by side on this machine.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { channel } from './bench/channel.mjs';
import { compare } from './bench/compare.mjs';
import { lines } from './bench/lines.mjs';
import { range } from './bench/range.mjs';
import { tableOf } from './bench/table.mjs';
import { walk } from './bench/walk.mjs';
import { UsageError, wholeNumber } from './usage.mjs';

const COMPARISONS = new Map(Object.entries({ lines, walk, range, channel }));
const DEFAULT_ROUNDS = 5;

function runtimeName() {
  // Bun and Deno also report a version of Node.
  const name = ['bun', 'deno', 'node'].find((runtime) => process.versions[runtime]);
  return `${name} ${process.versions[name]} on ${process.platform} ${process.arch}`;
}

function chosen(names) {
  const unknown = names.find((name) => !COMPARISONS.has(name));
  if (unknown !== undefined) throw new UsageError(`There is no comparison '${unknown}'`);
  return [...COMPARISONS].filter(([name]) => names.length === 0 || names.includes(name));
}

export async function run(values, positionals, { write, progress, signal, terminal }) {
  const comparisons = chosen(positionals);
  const rounds = wholeNumber(values, 'rounds') ?? DEFAULT_ROUNDS;
  if (rounds === 0) throw new UsageError('--rounds takes a number from 1 on');
  const runtime = runtimeName();
  const folder = await mkdtemp(join(tmpdir(), 'async-iterable-bridge-'));
  const all = [];
  try {
    for (const [name, prepare] of comparisons) {
      const { title, ways, close } = await prepare(folder, values);
      try {
        const onRound = (round) => progress.show(`${title}: round ${round} of ${rounds}`);
        const results = await compare({ ways, rounds, onRound, signal });
        progress.hide();
        await write(results.map((result) => ({ comparison: name, runtime, ...result })));
        all.push({ title, results });
      } finally {
        await close?.();
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  terminal?.write(tableOf(all, runtime));
}
