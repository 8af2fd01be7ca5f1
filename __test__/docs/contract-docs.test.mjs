// Tables of the documents link each row to its tests, which must exist.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const docs = new URL('../../docs/', import.meta.url);

/** Returns the rows of the tables that have a column of tests. */
function rowsOf(document) {
  return readFileSync(new URL(document, docs), 'utf8')
    .split('\n\n')
    .map((block) => block.split('\n').filter((line) => line.startsWith('|')))
    .filter(([head]) => head?.includes('| test |'))
    .flatMap(([, , ...lines]) => lines);
}

for (const [document, fewest] of [
  ['contract.md', 30],
  ['threads.md', 8],
]) {
  test(`every row of ${document} names tests, which exist`, () => {
    const rows = rowsOf(document);
    assert.ok(rows.length > fewest);
    for (const row of rows) {
      assert.match(row, /\.test\.mjs\)/, 'a row without a test');
      for (const [, text, target] of row.matchAll(
        /\[((?:\\.|[^\]\\])+)\]\(([^)]+\.test\.mjs)\)/g,
      )) {
        const name = text.replaceAll('\\', '');
        const source = readFileSync(new URL(target, docs), 'utf8').replaceAll("\\'", "'");
        const isThere = ["'", '"', '`'].some((quote) => source.includes(`${quote}${name}${quote}`));
        assert.ok(isThere, `${target} has no test '${name}'`);
      }
    }
  });
}
