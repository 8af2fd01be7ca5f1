import { readdir } from 'node:fs/promises';
import { fdir } from 'fdir';
import { walk } from '../index.mjs';
import { compare } from './harness.mjs';
import { consumed, timed } from './support/timed.mjs';

const ROOT = process.env.BENCHMARK_WALK ?? '/usr';
// Node 26 follows symbolic links to directories in a recursive readdir, and never leaves the loops of
// a /usr; so that comparison uses a tree without loops.
const ROOT_WITHOUT_LOOPS = '/usr/include';

const FDIR = 'fdir().crawl().withPromise(), names only';

/** Counts the entries, and measures when the first and the last arrive. */
async function explore(root) {
  const start = performance.now();
  let entries = 0;
  let first = 0;
  for await (const _ of walk(root)) {
    if (entries === 0) first = performance.now() - start;
    entries += 1;
  }
  const milliseconds = (time) => `${time.toFixed(1)} ms`;
  const last = performance.now() - start;
  const note = `${entries} entries; the first after ${milliseconds(first)}, the last after ${milliseconds(last)}`;
  return { entries, note };
}

const withFdir = (root) => ({
  name: FDIR,
  play: timed(
    async () => (await new fdir().withDirs().withFullPaths().crawl(root).withPromise()).length,
  ),
});

const withReaddir = (root) => ({
  name: 'fs.promises.readdir({recursive, withFileTypes})',
  play: timed(async () => (await readdir(root, { recursive: true, withFileTypes: true })).length),
});

async function compareWalks(root, others) {
  const { note } = await explore(root);
  // The second walk reads from the system's cache.
  const { entries, note: warmNote } = await explore(root);
  const options = { digest: 'entries', expected: entries };
  const comparison = await compare({
    title: `walk ${root}`,
    figures: { time: 'ns per item' },
    contenders: [
      withFdir(root),
      { name: 'walk()', ours: true, play: await consumed(() => walk(root), options) },
      {
        name: 'walk().batches()',
        ours: true,
        play: await consumed(() => walk(root).batches(), { ...options, batches: true }),
      },
      ...others,
    ],
    references: [FDIR],
    rounds: 7,
    warmsUp: true,
  });
  return { ...comparison, notes: [`walk() once: ${note}`, `walk() again: ${warmNote}`] };
}

export default [
  () => compareWalks(ROOT, []),
  () => compareWalks(ROOT_WITHOUT_LOOPS, [withReaddir(ROOT_WITHOUT_LOOPS)]),
];
