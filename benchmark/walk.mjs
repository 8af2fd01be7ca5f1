import { readdir } from 'node:fs/promises';
import { fdir } from 'fdir';
import { walk } from '../index.mjs';
import { compare, count, countBatches } from './harness.mjs';

const ROOT = process.env.BENCHMARK_WALK ?? '/usr';
// Node 26 follows symbolic links to directories in a recursive readdir, and is lost in the loops of
// a /usr; so that comparison is made where there are none.
const ROOT_WITHOUT_LOOPS = '/usr/include';

async function firstAndLast() {
  const start = performance.now();
  let first;
  for await (const _ of walk(ROOT)) first ??= performance.now() - start;
  return { first, last: performance.now() - start };
}

const withFdir = (root) => ({
  name: 'fdir().crawl().withPromise(), names only',
  run: async () => (await new fdir().withDirs().withFullPaths().crawl(root).withPromise()).length,
});

const withWalk = (root) => [
  { name: 'walk()', run: () => count(walk(root)) },
  { name: 'walk().batches()', run: () => countBatches(walk(root).batches()) },
];

const withReaddir = (root) => ({
  name: 'fs.promises.readdir({recursive, withFileTypes})',
  run: async () => (await readdir(root, { recursive: true, withFileTypes: true })).length,
});

async function titleOf(root) {
  return `the ${await count(walk(root))} entries below ${root}`;
}

export default async function benchmarkWalk() {
  const rounds = { rounds: 7 };
  const all = [withFdir(ROOT), ...withWalk(ROOT)];
  const result = await compare(await titleOf(ROOT), all, rounds);
  const { first, last } = await firstAndLast();
  console.log(
    `  the first entry after ${first.toFixed(1)} ms, the last after ${last.toFixed(1)} ms`,
  );
  const some = [
    withFdir(ROOT_WITHOUT_LOOPS),
    ...withWalk(ROOT_WITHOUT_LOOPS),
    withReaddir(ROOT_WITHOUT_LOOPS),
  ];
  return [
    { ...result, firstEntryMilliseconds: first, lastEntryMilliseconds: last },
    await compare(await titleOf(ROOT_WITHOUT_LOOPS), some, rounds),
  ];
}
