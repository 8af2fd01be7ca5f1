// Every snippet of docs/troubleshooting.md runs, and prints the output below it; the page has every code of the
// package's own errors.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../support/child.mjs';
import { testExamples } from '../support/examples.mjs';

const document = 'docs/troubleshooting.md';
const textOf = (path) => readFileSync(join(projectRoot, path), 'utf8');

testExamples(document);

test(`${document} explains every code that the package throws`, () => {
  const text = textOf(document);
  const codes = textOf('lib/support/errors.js').match(/'ERR_\w+'/g);
  assert.ok(codes.length > 5);
  for (const code of codes) assert.ok(text.includes(`\`${code.slice(1, -1)}\``), code);
});
