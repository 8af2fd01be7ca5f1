import fs from 'node:fs';
import { fdir } from 'fdir';
import { walk } from '../index.mjs';
import { compare, count, countBatches } from './harness.mjs';

const ROOT = process.env.BENCHMARK_WALK ?? '/usr';

async function firstAndLast() {
  const start = performance.now();
  let first;
  for await (const _ of walk(ROOT)) first ??= performance.now() - start;
  return { first, last: performance.now() - start };
}

export default async function benchmarkWalk() {
  const entries = await count(walk(ROOT));
  const result = await compare(
    `the ${entries} entries below ${ROOT}`,
    [
      {
        name: 'fdir().crawl().withPromise(), names only',
        run: async () => {
          const paths = await new fdir().withDirs().withFullPaths().crawl(ROOT).withPromise();
          return paths.length;
        },
      },
      { name: 'walk()', run: () => count(walk(ROOT)) },
      { name: 'walk().batches()', run: () => countBatches(walk(ROOT).batches()) },
      {
        name: 'fs.promises.readdir({recursive, withFileTypes})',
        run: async () =>
          (await fs.promises.readdir(ROOT, { recursive: true, withFileTypes: true })).length,
      },
    ],
    { rounds: 7 },
  );
  const { first, last } = await firstAndLast();
  console.log(
    `  the first entry of walk() after ${first.toFixed(1)} ms, the last after ${last.toFixed(1)} ms`,
  );
  return [{ ...result, firstEntryMilliseconds: first, lastEntryMilliseconds: last }];
}
