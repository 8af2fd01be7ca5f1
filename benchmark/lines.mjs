import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { readLines } from '../index.mjs';
import { compare, count, countBatches } from './harness.mjs';

const LINES = 2_000_000;
const LINE_BYTES = 80;

/** A log of 160 MB, made once and kept in the system's folder for temporary files. */
function logFile() {
  const file = path.join(os.tmpdir(), `async-iterable-bridge-${LINES}x${LINE_BYTES}.log`);
  if (fs.existsSync(file) && fs.statSync(file).size === LINES * LINE_BYTES) return file;
  const descriptor = fs.openSync(file, 'w');
  for (let line = 0; line < LINES; line += 10_000) {
    let text = '';
    for (let offset = 0; offset < 10_000; offset++) {
      const number = String(line + offset).padStart(8, '0');
      const record = `2026-01-01T00:00:00.000Z INFO  request=${number} path=/api/items status=200`;
      text += `${record.padEnd(LINE_BYTES - 1, '.')}\n`;
    }
    fs.writeSync(descriptor, text);
  }
  fs.closeSync(descriptor);
  return file;
}

export default async function benchmarkLines() {
  const file = logFile();
  const withReadline = () =>
    readline.createInterface({ input: fs.createReadStream(file), crlfDelay: Infinity });
  return [
    await compare(
      `the ${LINES} lines of a log of ${(LINES * LINE_BYTES) / 1e6} MB`,
      [
        { name: "node:readline's for await", run: () => count(withReadline()) },
        { name: 'readLines()', run: () => count(readLines(file)) },
        { name: 'readLines().batches()', run: () => countBatches(readLines(file).batches()) },
        {
          name: "readLines({encoding: 'buffer'})",
          run: () => count(readLines(file, { encoding: 'buffer' })),
        },
      ],
      { rounds: 7 },
    ),
  ];
}
