// Every JavaScript snippet of the README runs, from the project's folder, and fails nothing.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { projectRoot, runProgram } from './support/child.mjs';
import { makeFolder } from './support/folder.mjs';

const EXTENSIONS = { js: 'mjs', mjs: 'mjs', cjs: 'cjs' };

/** The fenced code blocks in JavaScript, each with the line on which it begins. */
function snippetsOf(markdown) {
  const blocks = markdown.matchAll(/^```(js|mjs|cjs)\n(.*?)^```$/gms);
  return Array.from(blocks, ({ 1: language, 2: source, index }) => ({
    line: markdown.slice(0, index).split('\n').length,
    language,
    source,
  }));
}

const snippets = snippetsOf(readFileSync(join(projectRoot, 'README.md'), 'utf8'));

describe('README.md', () => {
  it('has snippets', () => {
    assert.ok(snippets.length > 0);
  });

  for (const { line, language, source } of snippets) {
    it(`runs the snippet on line ${line}`, async () => {
      const program = `snippet.${EXTENSIONS[language]}`;
      // Inside the project, so that the package is found by its name.
      const folder = makeFolder({ [program]: source }, join(projectRoot, '.cache'));
      const { code, signal, stderr } = await runProgram([join(folder, program)]);
      assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' });
    });
  }
});
