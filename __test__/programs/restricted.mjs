// Uses streams and `fs` in a folder that may be read only in part: `restricted.mjs FOLDER`. Prints for each case how
// the stream ended, and how `fs` did.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { chdir } from 'node:process';
import { createAsyncIterable, range, readLines, walk } from 'async-iterable-bridge';

const [, , folder] = process.argv;
const [open, closed, linked] = ['open', 'closed', 'linked'].map((name) => join(folder, name));

const describe = ({ name, code, permission, resource, message }) => ({
  name,
  code,
  permission,
  resource,
  message,
});

async function endingOf(stream) {
  const items = [];
  try {
    for await (const item of stream) items.push(item.path ?? item);
    return { items: items.sort(), skipped: stream.stats.skipped };
  } catch (error) {
    return { error: describe(error), state: stream.stats.state };
  }
}

function endingOfCall(call) {
  try {
    return { value: call() };
  } catch (error) {
    return { error: describe(error) };
  }
}

const results = {
  openFile: [await endingOf(readLines(join(open, 'file')))],
  openTree: [await endingOf(walk(open, { stat: true }))],
  missing: [
    await endingOf(readLines(join(open, 'missing'))),
    endingOfCall(() => readFileSync(join(open, 'missing'))),
  ],
  file: [
    await endingOf(readLines(join(closed, 'file'))),
    endingOfCall(() => readFileSync(join(closed, 'file'))),
  ],
  bytes: [
    await endingOf(readLines(Buffer.from(join(closed, 'file')))),
    endingOfCall(() => readFileSync(Buffer.from(join(closed, 'file')))),
  ],
  url: [
    await endingOf(readLines(new URL(`file://${closed}/file`))),
    endingOfCall(() => readFileSync(new URL(`file://${closed}/file`))),
  ],
  eager: [
    await endingOf(readLines(join(closed, 'file'), { start: 'eager', encoding: 'buffer' })),
    endingOfCall(() => readFileSync(join(closed, 'file'))),
  ],
  root: [await endingOf(walk(closed)), endingOfCall(() => readdirSync(closed))],
  skippingRoot: [
    await endingOf(walk(closed, { errors: 'skip' })),
    endingOfCall(() => readdirSync(closed)),
  ],
  whole: [
    await endingOf(walk(folder)),
    endingOfCall(() => readdirSync(folder, { recursive: true })),
  ],
  skipping: [await endingOf(walk(folder, { errors: 'skip', threads: 3 }))],
  stat: [
    await endingOf(walk(folder, { stat: true, maxDepth: 1 })),
    endingOfCall(() => statSync(closed)),
  ],
  links: [await endingOf(walk(linked))],
  following: [await endingOf(walk(linked, { followSymlinks: true, errors: 'skip' }))],
  ignoring: [await endingOf(walk(open, { gitignore: true }))],
  range: [await endingOf(range(0, 3))],
};

const { iterable, push, done } = createAsyncIterable();
push(1);
done();
results.pushed = [await endingOf(iterable)];

chdir(open);
const relativeTree = walk('inner');
const relativeFile = readLines('file');
const outside = join('..', 'closed', 'file');
results.relative = [await endingOf(readLines(outside)), endingOfCall(() => readFileSync(outside))];
// The stream reads the path that was checked, even if the current folder changes meanwhile.
chdir(join(folder, 'elsewhere'));
results.moved = [await endingOf(relativeTree), await endingOf(relativeFile)];

process.stdout.write(JSON.stringify(results));
