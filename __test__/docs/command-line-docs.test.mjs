// Every snippet of docs/command-line.md runs, and prints the output below it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { OPTIONS } from '../../bin/command-line/options.mjs';
import { projectRoot } from '../support/child.mjs';
import { testExamples } from '../support/examples.mjs';

const document = 'docs/command-line.md';

testExamples(document, { others: ['sh'] });

test(`${document} has every option of every command`, () => {
  const text = readFileSync(join(projectRoot, document), 'utf8');
  for (const option of Object.values(OPTIONS).flatMap(Object.keys)) {
    assert.ok(text.includes(`\`--${option}`), option);
  }
});
