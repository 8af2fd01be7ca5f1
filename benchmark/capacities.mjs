/** The cost of an item of a source at capacities from 1 on, where its producer often waits for the consumer. */

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { range, readLines } from '../index.mjs';
import { compare } from './harness.mjs';
import { overArray } from './peers/array.mjs';
import { arrayOf, KINDS } from './support/items.mjs';
import { FLOOR, floor } from './support/sources.mjs';
import { compareThroughput } from './support/throughput.mjs';
import { consumed } from './support/timed.mjs';

const CAPACITIES = [1, 16, 64, 1024];
const LINES = 20_000;

function compareRange() {
  const kind = KINDS.numbers;
  const ranges = CAPACITIES.map((capacity) => ({
    name: `range(), capacity ${capacity}`,
    ours: true,
    open: (count) => range(0, count, { capacity }),
  }));
  return compareThroughput({
    kind,
    title: 'numbers of range(), by capacity',
    sources: [floor(kind), ...ranges],
    references: [FLOOR],
  });
}

async function compareLines() {
  const kind = KINDS.strings60;
  const lines = arrayOf(kind).slice(0, LINES);
  const file = path.join(os.tmpdir(), `async-iterable-bridge-${process.pid}.log`);
  fs.writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  const play = (open) => consumed(open, { digest: 'lines', expected: LINES });
  try {
    const contenders = [{ name: FLOOR, play: await play(() => overArray(lines, LINES)) }];
    for (const capacity of CAPACITIES) {
      const open = () => readLines(file, { capacity });
      contenders.push({
        name: `readLines(), capacity ${capacity}`,
        ours: true,
        play: await play(open),
      });
    }
    return await compare({
      title: 'lines of readLines(), by capacity',
      figures: { time: 'ns per item' },
      contenders,
      references: [FLOOR],
      warmsUp: true,
    });
  } finally {
    fs.rmSync(file);
  }
}

export default [compareRange, compareLines];
