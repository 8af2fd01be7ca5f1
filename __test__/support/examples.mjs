// The examples of a document. Each is run as a reader would run it, and no fence is skipped:
//
//   ```js                    a program: a complete module
//   ```js file=worker.mjs    a file beside the programs that follow, until another takes its name
//   ```text                  the output of the program above

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { projectRoot, runProgram } from './child.mjs';
import { makeFolder } from './folder.mjs';

const FENCE = /^```(\w+)(?: file=(\S+))?\n(.*?)^```$/gms;
const MARK = /^\s*(?:```|~~~)/gm;

/** @returns {{ line: number, language: string, file?: string, text: string }[]} */
function fencesOf(markdown) {
  const fences = Array.from(
    markdown.matchAll(FENCE),
    ({ 1: language, 2: file, 3: text, index }) => {
      const line = markdown.slice(0, index).split('\n').length;
      return { line, language, file, text };
    },
  );
  const marks = markdown.match(MARK) ?? [];
  assert.equal(
    marks.length,
    2 * fences.length,
    'a fence has no language, is indented or not closed',
  );
  return fences;
}

/** Asserts that each file belongs to a program that names it. */
function checkFiles(fences, examples) {
  for (const { line, file, text } of fences.filter(({ file }) => file !== undefined)) {
    const isUsed = examples.some(
      ({ files, program }) => files[file] === text && program.includes(file),
    );
    assert.ok(isUsed, `no program names the file ${file} of line ${line}`);
  }
}

/**
 * @param {string} markdown
 * @param {string[]} [others] - Languages of fences that JavaScript does not run.
 * @returns {{ line: number, files: Record<string, string>, program: string, output?: string }[]}
 */
export function examplesOf(markdown, others = []) {
  const fences = fencesOf(markdown);
  const examples = [];
  let files = {};
  for (const { line, language, file, text } of fences) {
    if (file !== undefined) {
      files = { ...files, [file]: text };
    } else if (language === 'js') {
      examples.push({ line, files, program: text, output: undefined });
    } else if (language === 'text') {
      const example = examples.at(-1);
      const isFirst = example !== undefined && example.output === undefined;
      assert.ok(isFirst, `the output on line ${line} is that of no program`);
      example.output = text;
    } else {
      assert.ok(others.includes(language), `nothing runs the ${language} on line ${line}`);
    }
  }
  checkFiles(fences, examples);
  return examples;
}

/**
 * Tests that every example of a document runs, and prints what the document says.
 *
 * @param {string} document - Its path in the project.
 * @param {object} [options]
 * @param {string[]} [options.others] - Languages that JavaScript does not run.
 * @param {boolean} [options.showsOutput] - Whether every example must show its output, or only be
 *   without errors.
 * @param {string} [options.before] - Code that runs before every example.
 * @param {string} [options.prints] - The output of an example that does not show it.
 */
export function testExamples(document, { others, showsOutput = true, before = '', prints } = {}) {
  const examples = examplesOf(readFileSync(join(projectRoot, document), 'utf8'), others);
  describe(document, () => {
    it('has examples', () => {
      assert.ok(examples.length > 0);
    });

    for (const { line, files, program, output } of examples) {
      it(`runs the example on line ${line}`, async () => {
        if (showsOutput) assert.notEqual(output, undefined, 'the example does not show its output');
        // Inside the project, so that the package is found by its name.
        const contents = { ...files, 'example.mjs': before + program };
        const folder = makeFolder(contents, join(projectRoot, '.cache'));
        const ending = await runProgram([join(folder, 'example.mjs')]);
        const expected = {
          code: 0,
          signal: null,
          stdout: output ?? prints ?? ending.stdout,
          stderr: '',
        };
        assert.deepEqual(ending, expected);
      });
    }
  });
}
