// Every snippet of docs/command-line.md runs, and prints what stands below it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from './support/child.mjs';
import { testExamples } from './support/examples.mjs';

const document = 'docs/command-line.md';

testExamples(document, { others: ['sh'] });

test(`${document} has every option of every command`, async () => {
  const text = readFileSync(join(projectRoot, document), 'utf8');
  for (const name of ['lines', 'walk', 'bench']) {
    const { options } = await import(`../bin/command-line/${name}.mjs`);
    for (const option of Object.keys(options)) assert.ok(text.includes(`\`--${option}`), option);
  }
});
