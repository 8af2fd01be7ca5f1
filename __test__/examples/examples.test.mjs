// The fences that a document with tested examples may have: only those that are run.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { examplesOf } from '../support/examples.mjs';

const fence = (info, ...lines) => ['```', info, '\n', ...lines, '\n```\n'].join('');

describe('the examples of a document', () => {
  it('are its programs, with what they print and the files beside them', () => {
    const document = [
      'Text.',
      fence('js file=one.mjs', 'export const one = 1;'),
      fence('js', "import { one } from './one.mjs';"),
      fence('text', 'one'),
      fence('js file=one.mjs', 'export const one = "I";'),
      fence('js', "import { one } from './one.mjs'; // again"),
    ].join('\n');
    assert.deepEqual(examplesOf(document), [
      {
        line: 6,
        files: { 'one.mjs': 'export const one = 1;\n' },
        program: "import { one } from './one.mjs';\n",
        output: 'one\n',
      },
      {
        line: 18,
        files: { 'one.mjs': 'export const one = "I";\n' },
        program: "import { one } from './one.mjs'; // again\n",
        output: undefined,
      },
    ]);
  });

  it('leave out the languages that somebody else runs, and no other', () => {
    assert.deepEqual(examplesOf(fence('sh', 'npm start'), ['sh']), []);
    assert.throws(() => examplesOf(fence('sh', 'npm start')), /nothing runs the sh on line 1/);
  });

  it('do not pass over a fence without a language, an indented one or an open one', () => {
    for (const document of [
      fence('', 'lost();'),
      `  ${fence('js', 'lost();')}`,
      '```js\nlost();\n',
    ])
      assert.throws(() => examplesOf(document), /no language, is indented or not closed/);
  });

  it('have no output without a program, and not two', () => {
    const output = fence('text', 'one');
    assert.throws(() => examplesOf(output), /output on line 1 is that of no program/);
    assert.throws(() => examplesOf(fence('js', 'one();') + output + output), /that of no program/);
  });

  it('have no file that no program names', () => {
    const lost = fence('js file=lost.mjs', 'lost();');
    assert.throws(() => examplesOf(fence('js', 'one();') + lost), /no program names the file lost/);
    assert.throws(() => examplesOf(lost + fence('js', 'one();')), /no program names the file lost/);
  });
});
