/** The latency of a wake of a source: from the write of a line to a FIFO until its reader's `next()` resolves. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { range, readLines } from '../index.mjs';
import { IDLE } from './support/idle.mjs';
import { compareLatencies } from './support/latency.mjs';

const WAKES = 400;

/** Opens a FIFO with a stream of its lines, and the descriptor to write them to. */
async function openFifo() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'async-iterable-bridge-'));
  const fifo = path.join(folder, 'fifo');
  await once(spawn('mkfifo', [fifo]), 'exit');
  const stream = readLines(fifo);
  const descriptor = fs.openSync(fifo, 'r+');
  return {
    stream,
    descriptor,
    async close() {
      await stream.return();
      fs.closeSync(descriptor);
      fs.rmSync(folder, { recursive: true });
    },
  };
}

/** Measures the time from the write of a line to its arrival, in microseconds. */
async function wakeLatencies({ stream, descriptor }) {
  const latencies = [];
  for (let wake = 0; wake < WAKES; wake++) {
    const next = stream.next();
    await new Promise(setImmediate);
    const start = performance.now();
    fs.writeSync(descriptor, 'line\n');
    const { value } = await next;
    latencies.push((performance.now() - start) * 1e3);
    if (value !== 'line') throw new Error(`${value} is not the line that was written`);
  }
  return latencies;
}

async function compareWakes() {
  const fifo = await openFifo();
  const latencies = () => wakeLatencies(fifo);
  let idle = [];
  const alone = { name: 'readLines() of a FIFO', ours: true, latencies };
  try {
    return await compareLatencies({
      title: 'wake latency of readLines()',
      contenders: [
        alone,
        {
          name: `${alone.name}, ${IDLE} idle sources open`,
          ours: true,
          latencies,
          before() {
            idle = Array.from({ length: IDLE }, () => range(0, 1e9));
          },
          after: () => Promise.all(idle.map((each) => each.return())),
        },
      ],
      references: [alone.name],
      rounds: 7,
    });
  } finally {
    await fifo.close();
  }
}

export default process.platform === 'win32' ? [] : [compareWakes];
