// docs/contract.md links each row to its tests, which must be there.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const contract = new URL('../docs/contract.md', import.meta.url);
const tables = readFileSync(contract, 'utf8')
  .split('\n\n')
  .map((block) => block.split('\n').filter((line) => line.startsWith('|')))
  .filter(([head]) => head?.includes('| test |'));
const rows = tables.flatMap(([, , ...lines]) => lines);

test('every row of the contract names tests, which exist', () => {
  assert.ok(rows.length > 30);
  for (const row of rows) {
    assert.match(row, /\.test\.mjs\)/, 'a row without a test');
    for (const [, text, target] of row.matchAll(/\[((?:\\.|[^\]\\])+)\]\(([^)]+\.test\.mjs)\)/g)) {
      const name = text.replaceAll('\\', '');
      const source = readFileSync(new URL(target, contract), 'utf8').replaceAll("\\'", "'");
      const isThere = ["'", '"', '`'].some((quote) => source.includes(`${quote}${name}${quote}`));
      assert.ok(isThere, `${target} has no test '${name}'`);
    }
  }
});
