// docs/contract.md links each row to its tests, which must be there.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const contract = new URL('../docs/contract.md', import.meta.url);
const rows = readFileSync(contract, 'utf8')
  .split('\n')
  .filter((line) => line.includes('.test.mjs)') && line.startsWith('|'));

test('every test that the contract names exists', () => {
  assert.ok(rows.length > 30);
  for (const row of rows) {
    for (const [, text, target] of row.matchAll(/\[((?:\\.|[^\]\\])+)\]\(([^)]+\.test\.mjs)\)/g)) {
      const name = text.replaceAll('\\', '');
      const source = readFileSync(new URL(target, contract), 'utf8').replaceAll("\\'", "'");
      const isThere = ["'", '"', '`'].some((quote) => source.includes(`${quote}${name}${quote}`));
      assert.ok(isThere, `${target} has no test '${name}'`);
    }
  }
});
