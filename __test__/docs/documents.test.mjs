// All documents of the project: the tests run all JavaScript in them.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { test } from 'node:test';
import { walk } from 'async-iterable-bridge';
import { testFiles } from '../../scripts/test-files.mjs';
import { projectRoot } from '../support/child.mjs';

const PROGRAM = /^[ \t]*(?:```|~~~)[ \t]*(?:[cm]?[jt]sx?|javascript|typescript)\b/m;

/** The documents that other tests run, because they need more than the checkout. */
const ELSEWHERE = {
  'docs/platforms.md': 'scripts/package/installed.test.mjs',
  'examples/addon/README.md': 'examples/addon/__test__/readme.test.mjs',
};

const textOf = (path) => readFileSync(join(projectRoot, path), 'utf8');

async function documentsWithPrograms() {
  const documents = [];
  for await (const { path } of walk(projectRoot, { gitignore: true, hidden: false })) {
    if (!path.endsWith('.md')) continue;
    const document = relative(projectRoot, path).replaceAll('\\', '/');
    if (PROGRAM.test(textOf(document))) documents.push(document);
  }
  return documents.sort();
}

/** Returns the documents whose examples a test file runs. */
function documentsRunBy(text) {
  const named = /^const document = '(.+)';$/m.exec(text)?.[1];
  const calls = text.matchAll(/^testExamples\((?:'(.+?)'|document)/gm);
  return Array.from(calls, ([, document = named]) => document);
}

test('every document that shows JavaScript has a test that runs it', async () => {
  const documents = await documentsWithPrograms();
  const isRun = new Set(testFiles().map(textOf).flatMap(documentsRunBy));
  for (const [document, path] of Object.entries(ELSEWHERE)) {
    assert.ok(textOf(path).includes(basename(document)), `${path} does not run ${document}`);
    isRun.add(document);
  }
  assert.ok(documents.length > 10);
  assert.deepEqual(
    documents.filter((document) => !isRun.has(document)),
    [],
  );
});
