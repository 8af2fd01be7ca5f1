// Runs tests. They also fail if they print on standard error: a warning of a runtime, or a report of a panic that no
// test checks.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { root } from './test-files.mjs';

/** The flags of `node --test`: its usual report, and a report of what the files print on standard error. */
export const nodeTestFlags = [
  '--test',
  '--test-reporter=spec',
  '--test-reporter-destination=stdout',
  `--test-reporter=${fileURLToPath(new URL('runtimes/stderr-reporter.mjs', import.meta.url))}`,
  '--test-reporter-destination=stderr',
];

/** Returns the lines of `output` that remain when all matches of the patterns, which are global, are removed. */
function unexpectedLines(output, patterns) {
  const rest = patterns.reduce((text, pattern) => text.replaceAll(pattern, ''), output);
  return rest.split('\n').filter((line) => line.trim() !== '');
}

/**
 * Runs a test runner until it ends.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {object} [options] - The options of `spawn`, and
 * @param {RegExp[]} [options.expected] - Text that may be printed on standard error.
 * @param {RegExp} [options.captured] - The part of the report that holds lines printed by the tests.
 * @param {boolean} [options.isQuiet] - Whether the output is kept instead of being printed at once.
 * @returns {Promise<{status: number | null, signal: string | null, output: string, unexpected: string[]}>}
 */
export function runTests(
  command,
  args,
  { expected = [], captured, isQuiet = false, ...options } = {},
) {
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['inherit', isQuiet ? 'pipe' : 'inherit', 'pipe'],
    ...options,
  });
  let output = '';
  let errors = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    output += text;
    errors += text;
    if (!isQuiet) process.stderr.write(text);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => {
      const printed = captured === undefined ? [] : Array.from(output.matchAll(captured), String);
      const unexpected = unexpectedLines([errors, ...printed].join('\n'), expected);
      resolve({ status, signal, output, unexpected });
    });
  });
}

/** Reports unexpected output, if that alone makes the tests fail. */
export function tellUnexpected(unexpected) {
  if (unexpected.length === 0) return;
  const lines = unexpected.map((line) => `  ${line}\n`).join('');
  process.stderr.write(`\nThe tests fail by what they printed on standard error:\n${lines}`);
}
