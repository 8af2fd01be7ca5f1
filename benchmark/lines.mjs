import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { readLines } from '../index.mjs';
import { compare } from './harness.mjs';
import { consumed } from './support/timed.mjs';

const LINES = 2_000_000;
const LINE_BYTES = 80;

/** Makes a log of 160 MB once, and keeps it in the system's folder for temporary files. */
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

const READLINE = "node:readline's for await";

async function compareLines() {
  const file = logFile();
  const lines = (open, batches) => consumed(open, { digest: 'lines', batches, expected: LINES });
  return compare({
    title: 'lines of a log',
    figures: { time: 'ns per item' },
    contenders: [
      {
        name: READLINE,
        play: await lines(() =>
          readline.createInterface({ input: fs.createReadStream(file), crlfDelay: Infinity }),
        ),
      },
      { name: 'readLines()', ours: true, play: await lines(() => readLines(file)) },
      {
        name: 'readLines().batches()',
        ours: true,
        play: await lines(() => readLines(file).batches(), true),
      },
      {
        name: "readLines({encoding: 'buffer'})",
        ours: true,
        play: await lines(() => readLines(file, { encoding: 'buffer' })),
      },
    ],
    references: [READLINE],
    rounds: 7,
    warmsUp: true,
  });
}

export default [async () => ({ ...(await compareLines()), itemBytes: LINE_BYTES })];
