// The ready-made sources, and the items that each must give.
//
// A test cannot know in advance how far a source's thread will have come when the consumer leaves. If a next() is
// pending then, the reference's producer has come as far as the source's thread.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { range, readLines, walk } from 'async-iterable-bridge';
import fc from 'fast-check';
import { makeFolder } from './folder.mjs';
import { observe } from './observed.mjs';
import { referenceStream } from './oracle.mjs';
import { until } from './scripted-streams.mjs';

const LONGEST_LINE = 100;

const LINES = [
  'first',
  '',
  'größer, 長い, 🦀',
  Buffer.from([0xff, 0x61, 0xc3]),
  'x'.repeat(LONGEST_LINE),
  ...Array.from({ length: 20 }, (_, index) => `line ${index}`),
].map((line) => Buffer.from(line));

const files = makeFolder({
  'empty.txt': '',
  'one.txt': 'one line',
  'lines.txt': Buffer.concat(LINES.flatMap((line) => [line, Buffer.from('\n')])),
  'windows.txt': 'a\r\n\r\nb\r\n',
  'too-long.txt': `a\nb\n${'x'.repeat(LONGEST_LINE + 1)}\nc\n`,
});

const tree = makeFolder({
  'a.txt': '',
  'b/a.txt': 'text',
  'b/b.txt': '',
  'b/c/d/e.txt': '',
  'f/g.txt': '',
  'f/h/i.txt': '',
});

const TREE_BY_DEPTH = [
  [''],
  ['a.txt', 'b', 'f'],
  ['b/a.txt', 'b/b.txt', 'b/c', 'f/g.txt', 'f/h'],
  ['b/c/d', 'f/h/i.txt'],
  ['b/c/d/e.txt'],
];

/** Collects all items of a stream until it ends or fails. */
async function readAll(stream) {
  const items = [];
  try {
    for await (const item of stream) items.push(item);
  } catch (reason) {
    return { items, failure: { reason } };
  }
  return { items };
}

const ranges = fc
  .record({
    start: fc.integer({ min: -5, max: 5 }),
    step: fc.constantFrom(1, -1, 0.5, 3),
    length: fc.nat({ max: 30 }),
  })
  .map(({ start, step, length }) => ({
    items: Array.from({ length }, (_, index) => start + index * step),
    open: (options) => range(start, start + length * step, step, options),
  }));

/** Returns the content of each file, and the failure with which the last one ends. */
async function linesOfFiles(encoding) {
  const decode = (line) => (encoding === 'buffer' ? Buffer.from(line) : line.toString());
  const open = (name) => (options) =>
    readLines(join(files, name), { ...options, encoding, maxLineBytes: LONGEST_LINE });
  const { failure } = await readAll(open('too-long.txt')());
  const { message, code } = failure?.reason ?? {};
  assert.equal(code, 'ERR_LINE_TOO_LONG');
  // A copy, because the stack of the error itself keeps its stream alive.
  const reason = Object.assign(new Error(message), { code });
  const texts = (...lines) => lines.map((line) => decode(Buffer.from(line)));
  return [
    { items: [], open: open('empty.txt') },
    { items: texts('one line'), open: open('one.txt') },
    { items: LINES.map(decode), open: open('lines.txt') },
    { items: texts('a', '', 'b'), open: open('windows.txt') },
    { items: texts('a', 'b'), failure: { reason }, open: open('too-long.txt') },
  ];
}

/** Returns the tree down to each depth, in the order in which one thread walks it while nothing changes. */
async function walksOfTree() {
  const walks = TREE_BY_DEPTH.map(async (_, maxDepth) => {
    const open = (options) => walk(tree, { ...options, maxDepth, threads: 1 });
    const { items } = await readAll(open());
    const paths = TREE_BY_DEPTH.slice(0, maxDepth + 1).flat();
    assert.deepEqual(
      items.map(({ path }) => path).sort(),
      paths.map((path) => join(tree, path)).sort(),
    );
    return { items, open };
  });
  return Promise.all(walks);
}

/**
 * @typedef {object} Content - The items of a source, and a function that opens it.
 * @property {unknown[]} items
 * @property {{reason: unknown}} [failure] - Its failure, if it does not end normally.
 * @property {(options: object) => AsyncIterableBridge} open
 */

/**
 * @type {{name: string, contents(): Promise<fc.Arbitrary<Content>>}[]}
 */
export const SOURCES = [
  {
    name: 'range',
    contents: async () => ranges,
  },
  {
    name: 'readLines',
    contents: async () => fc.constantFrom(...(await linesOfFiles('utf8'))),
  },
  {
    name: 'readLines of Buffers',
    contents: async () => fc.constantFrom(...(await linesOfFiles('buffer'))),
  },
  {
    name: 'walk',
    contents: async () => fc.constantFrom(...(await walksOfTree())),
  },
];

/** Options that change when a source's items arrive, but never which items arrive. */
export const sourceOptions = fc.record(
  {
    capacity: fc.constantFrom(1, 2, 64),
    maxBytes: fc.constantFrom(1, 100),
    timeSlice: fc.constantFrom(0, 1),
    start: fc.constantFrom('lazy', 'eager'),
  },
  { requiredKeys: [] },
);

/** @param {Content} content */
export function openSource({ items, open }, options, controller) {
  const observed = observe(controller, (signal) => open({ ...options, signal }));
  const flush = () => until(observed.isAnswered, 'the items that were asked for');
  // Once all items have been delivered, a pending next() does not show whether the end has arrived, too.
  const beforeLeaving = () => (observed.stats().delivered < items.length ? undefined : flush());
  return { ...observed, flush, beforeLeaving };
}

/**
 * @param {Content} content
 * @param {ReturnType<typeof openSource>} played - The subject that was played with the same content.
 */
export function sourceReference({ items, failure }, played) {
  const { waiting, delivered } = played.atLeaving();
  const reference = referenceStream();
  const arrived = waiting === 0 ? items : items.slice(0, delivered);
  for (const item of arrived) reference.push(item);
  if (arrived.length < items.length) return reference;
  if (failure === undefined) reference.close();
  else reference.fail(failure.reason);
  return reference;
}
