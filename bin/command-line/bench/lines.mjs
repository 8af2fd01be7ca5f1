import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readLines } from '../../../index.mjs';

const LINES = 300_000;
const LINE_BYTES = 80;

/** Returns a text of numbered lines. Its last number can only be known by reading the whole text. */
function content() {
  let text = '';
  for (let line = 0; line < LINES; line++) {
    text += `${String(line).padStart(LINE_BYTES - 1, 'a line of text ')}\n`;
  }
  return text;
}

/** Prepares the comparison. Each way has a loop of its own, which the engine optimizes for one kind of iterator. */
export async function lines(folder) {
  const file = join(folder, 'lines.txt');
  await writeFile(file, content());
  return {
    title: `lines of ${LINE_BYTES} bytes`,
    ways: [
      {
        way: 'node:readline',
        async work() {
          const input = createReadStream(file);
          let items = 0;
          let sum = 0;
          for await (const line of createInterface({
            input,
            crlfDelay: Number.POSITIVE_INFINITY,
          })) {
            items++;
            sum += line.length;
          }
          return { items, sum };
        },
      },
      {
        way: 'readLines()',
        async work() {
          let items = 0;
          let sum = 0;
          for await (const line of readLines(file)) {
            items++;
            sum += line.length;
          }
          return { items, sum };
        },
      },
      {
        way: 'readLines().batches()',
        async work() {
          let items = 0;
          let sum = 0;
          for await (const batch of readLines(file).batches()) {
            items += batch.length;
            for (const line of batch) sum += line.length;
          }
          return { items, sum };
        },
      },
    ],
  };
}
