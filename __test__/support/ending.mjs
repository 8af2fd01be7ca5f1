// Runs the programs of __test__/programs, and checks how they end.

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { runProgram } from './child.mjs';

/** Runs a program in a process of its own until it ends. */
export async function endingOf(name, ...args) {
  const path = fileURLToPath(new URL(`../programs/${name}.mjs`, import.meta.url));
  const { code, signal, stdout, stderr } = await runProgram([path, ...args]);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return { code, signal, lines, stderr };
}

/**
 * Runs a program that must exit by itself.
 *
 * @param {string[]} program - Its name and its arguments.
 * @param {{ code?: number, lines?: string[] }} [expected] - Its exit code, and the lines that it prints.
 */
export async function expectExit([name, ...args], { code = 0, lines = [] } = {}) {
  const { stderr, ...ending } = await endingOf(name, ...args);
  const seen = `${name} has ended with ${JSON.stringify(ending)}\n${stderr}`;
  assert.deepEqual(ending, { code, signal: null, lines }, seen);
}
