// How processes and workers end while streams are in use. Each case runs in a process of its own,
// whose exit code and signal are checked.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runProgram } from './support/child.mjs';

const program = (name) => fileURLToPath(new URL(`./programs/${name}.mjs`, import.meta.url));

async function run(name, ...args) {
  const { code, signal, stdout, stderr } = await runProgram([program(name), ...args]);
  return { code, signal, lines: stdout.trim().split('\n'), stderr };
}

test('a process with streams that nobody awaits exits by itself', async () => {
  const { code, signal, lines, stderr } = await run('idle-streams');
  assert.deepEqual({ code, signal, lines }, { code: 0, signal: null, lines: ['end'] }, stderr);
});

test('a pending next() keeps its process alive until it settles', async () => {
  const { code, signal, lines, stderr } = await run('pending-next');
  assert.deepEqual({ code, signal, lines }, { code: 0, signal: null, lines: ['late'] }, stderr);
});

test('process.exit() while producers push exits with its code', async () => {
  for (let round = 0; round < 10; round++) {
    const { code, signal, stderr } = await run('exit-while-pushing');
    assert.deepEqual({ code, signal }, { code: 7, signal: null }, stderr);
  }
});

test('workers that are terminated while producers push leave nothing behind', async () => {
  // A worker of Deno takes ten times as long to come up.
  const [rounds, workers] = process.versions.deno ? ['5', '5'] : ['100', '4'];
  const { code, signal, lines, stderr } = await run('terminate-workers', rounds, workers);
  assert.deepEqual({ code, signal, lines }, { code: 0, signal: null, lines: ['quiet'] }, stderr);
});

test('workers that come and go one at a time all find the addon working', async () => {
  const { code, signal, lines, stderr } = await run('short-workers');
  const expected = Array.from({ length: 5 }, () => '49995000 0');
  assert.deepEqual({ code, signal, lines }, { code: 0, signal: null, lines: expected }, stderr);
});

test('streams that are forgotten without return() are collected, and their producers stop', async () => {
  const { code, signal, lines, stderr } = await run('abandoned-streams');
  assert.deepEqual({ code, signal, lines }, { code: 0, signal: null, lines: ['100'] }, stderr);
});

test('the addon works when it is loaded again', async () => {
  const { code, signal, lines, stderr } = await run('reload');
  const expected = Array.from({ length: 10 }, () => '0,1,2');
  assert.deepEqual({ code, signal, lines }, { code: 0, signal: null, lines: expected }, stderr);
});

test('a set-up that has failed can be tried again', async () => {
  const { code, signal, lines, stderr } = await run('failed-setup');
  const expected = ['failed', 'failed', '0', '1', '2'];
  assert.deepEqual({ code, signal, lines }, { code: 0, signal: null, lines: expected }, stderr);
});

test('an error of the consumer that nobody handles ends the process with code 1', async () => {
  const { code, signal, stderr } = await run('uncaught-in-consumer');
  assert.deepEqual({ code, signal }, { code: 1, signal: null });
  assert.match(stderr, /the consumer failed/);
});
