/**
 * Many short streams, several at a time, of every kind of producer and with every ending: resident
 * memory stays flat, and no handle is left.
 */

import { addon } from '../__test__/support/addon.mjs';
import { range } from '../index.mjs';
import native from '../lib/addon/native.js';
import {
  growthFailures,
  handleFailures,
  progress,
  ResidentMemory,
  report,
  soakArguments,
} from './harness.mjs';

const { streams, items } = soakArguments({ streams: 1_000_000, items: 10 });

const AT_A_TIME = 20;
const SAMPLES = 100;

const kinds = [
  { open: () => addon.spawned(items), expected: items },
  { open: () => range(0, items), expected: items },
  { open: () => range(0, items).batches(), expected: 1 },
];

async function consume({ open, expected }, mayLeave) {
  let seen = 0;
  for await (const _ of open()) {
    seen++;
    if (mayLeave) return true;
  }
  return seen === expected;
}

const memory = new ResidentMemory();
const between = Math.ceil(streams / SAMPLES / AT_A_TIME) * AT_A_TIME;
const start = performance.now();
let incomplete = 0;
for (let opened = 0; opened < streams; opened += AT_A_TIME) {
  const consumed = Array.from({ length: AT_A_TIME }, (_, index) =>
    consume(kinds[(opened + index) % kinds.length], index === 0),
  );
  for (const isComplete of await Promise.all(consumed)) if (!isComplete) incomplete++;
  if (opened % between === 0) {
    memory.sample();
    progress(`${opened} of ${streams} streams, ${memory.last} MB`);
  }
}
const seconds = Math.round((performance.now() - start) / 1000);
const figures = memory.figures();
const failures = growthFailures(figures);
for (const count of [addon.counters, native.liveHandles])
  failures.push(...(await handleFailures(count, { hubs: 1 })));
if (incomplete > 0) failures.push(`${incomplete} streams were not complete`);
report(
  'streams',
  { streams, items, seconds, ...figures, handles: [addon.counters(), native.liveHandles()] },
  failures,
);
