// The texts that the check of the documents' links takes for links and for targets of links.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { anchorsOf, linksOf } from '../../scripts/links/markdown.mjs';

describe('the links of a document', () => {
  it('are those of its text, by every syntax, each with its line', () => {
    const document = [
      '[one](a.md), ![two](b.svg "a title")',
      '[three][3] and <a href="d.md#e">four</a>',
      '[five](wiki_(a_page).md) and [`six`](<f.md>)',
      '',
      '[3]: c.md',
    ].join('\n');
    assert.deepEqual(linksOf(document), [
      { line: 1, target: 'a.md' },
      { line: 1, target: 'b.svg' },
      { line: 2, target: 'd.md#e' },
      { line: 3, target: 'wiki_(a_page).md' },
      { line: 3, target: 'f.md' },
      { line: 5, target: 'c.md' },
    ]);
  });

  it('are not what stands in code', () => {
    const document =
      '`[a](b)`\n\n```js\n[a](b);\n```\n\n``[a](`b`)``\n\n  ```md\n  [a](b)\n  ```\n[c](d)';
    assert.deepEqual(linksOf(document), [{ line: 12, target: 'd' }]);
  });
});

describe('the anchors of a document', () => {
  it('are its headings as GitHub writes them', () => {
    const document = [
      '# How fast?',
      '## `next()` — and "done"',
      '### [A link](a.md) with_underscores',
      '#### Ünïcode, 1 & 2 ####',
      '<a name="by-hand"></a>',
    ].join('\n');
    assert.deepEqual(
      [...anchorsOf(document)],
      ['by-hand', 'how-fast', 'next--and-done', 'a-link-with_underscores', 'ünïcode-1--2'],
    );
  });

  it('have numbers from the second one of a name on', () => {
    assert.deepEqual([...anchorsOf('# One\n\n## One\n\n# One\n')], ['one', 'one-1', 'one-2']);
  });

  it('are not what stands in code', () => {
    assert.deepEqual([...anchorsOf('```sh\n# a comment\n```\n')], []);
  });
});
