import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { range, readLines } from '../index.mjs';
import { spread } from './harness.mjs';

const STREAMS = 10_000;
const WAKES = 400;

/** Opens streams that nobody reads, and tells what each of them takes. */
function openIdle() {
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const streams = Array.from({ length: STREAMS }, () => range(0, 1e9));
  globalThis.gc?.();
  return { streams, bytesEach: (process.memoryUsage().rss - before) / STREAMS };
}

/** Echoes through a FIFO: how long from the write of a line to its arrival, in microseconds. */
async function wakeLatencies(stream, descriptor) {
  const latencies = [];
  for (let wake = 0; wake < WAKES; wake++) {
    const next = stream.next();
    await new Promise(setImmediate);
    const start = performance.now();
    fs.writeSync(descriptor, 'line\n');
    await next;
    latencies.push((performance.now() - start) * 1e3);
  }
  return latencies;
}

export default async function benchmarkIdle() {
  if (process.platform === 'win32') return [];
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'async-iterable-bridge-'));
  const fifo = path.join(folder, 'fifo');
  await once(spawn('mkfifo', [fifo]), 'exit');
  const stream = readLines(fifo);
  const descriptor = fs.openSync(fifo, 'r+');
  await wakeLatencies(stream, descriptor);
  const alone = [];
  const crowded = [];
  let bytesEach = 0;
  for (let round = 0; round < 7; round++) {
    alone.push(...(await wakeLatencies(stream, descriptor)));
    const idle = openIdle();
    if (round === 0) bytesEach = idle.bytesEach;
    crowded.push(...(await wakeLatencies(stream, descriptor)));
    await Promise.all(idle.streams.map((each) => each.return()));
  }
  await stream.return();
  fs.closeSync(descriptor);
  fs.rmSync(folder, { recursive: true });
  const results = [
    { name: 'one stream', ...spread(alone) },
    { name: `with ${STREAMS} idle streams`, ...spread(crowded) },
  ];
  console.log('\nwake latency: a line written to a FIFO, until its next() resolves');
  for (const { name, median, lower, upper } of results) {
    const quartiles = `(${lower.toFixed(1)} - ${upper.toFixed(1)})`;
    console.log(
      `  ${name.padEnd(44)}${median.toFixed(1).padStart(9)} µs ${quartiles.padStart(19)}`,
    );
  }
  console.log(`  each idle stream takes ${Math.round(bytesEach)} bytes`);
  return [{ title: 'wake latency', unit: 'microseconds', results, bytesEach }];
}
