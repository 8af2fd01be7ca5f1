// Processes and workers that end while streams are in use. Each case runs in a process of its own, and the test
// checks its exit code and signal.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endingOf, expectExit } from '../support/ending.mjs';

test('a process with streams that nobody awaits exits by itself', async () => {
  await expectExit(['idle-streams'], { lines: ['end'] });
});

test('a pending next() keeps its process alive until it settles', async () => {
  await expectExit(['pending-next'], { lines: ['late'] });
});

test('process.exit() while producers push exits with its code', async () => {
  for (let round = 0; round < 10; round++) await expectExit(['exit-while-pushing'], { code: 7 });
});

test('process.exit() while promises are pending exits with its code', async () => {
  for (let round = 0; round < 10; round++) await expectExit(['exit-while-pending'], { code: 7 });
});

// A worker of Deno takes ten times as long to start.
const [ROUNDS, WORKERS] = process.versions.deno ? ['5', '5'] : ['20', '20'];

test('workers that are terminated while producers push leave nothing behind', async () => {
  await expectExit(['terminate-workers', ROUNDS, WORKERS], { lines: ['quiet'] });
});

test('workers that are terminated while promises are pending leave nothing behind', async () => {
  await expectExit(['pending-workers', 'terminate', '5', '5'], { lines: ['0'] });
});

test('workers that exit while promises are pending leave nothing behind', async () => {
  await expectExit(['pending-workers', 'exit', '5', '5'], { lines: ['0 3'] });
});

test('workers that come and go one at a time all find the addon working', async () => {
  await expectExit(['short-workers'], { lines: Array(5).fill('49995000 0') });
});

test('two addons that link the crate do not disturb each other, in several workers', async () => {
  await expectExit(['two-addons'], { lines: [Array(7).fill('true').join(' ')] });
});

test('the addon works when it is loaded again', async () => {
  await expectExit(['reload'], { lines: Array(10).fill('0,1,2') });
});

test('a set-up that has failed can be tried again', async () => {
  await expectExit(['failed-setup'], { lines: ['failed', 'failed', '0', '1', '2'] });
});

test('an error of the consumer that nobody handles ends the process with code 1', async () => {
  const { code, signal, stderr } = await endingOf('uncaught-in-consumer');
  assert.deepEqual({ code, signal }, { code: 1, signal: null }, stderr);
  assert.match(stderr, /the consumer failed/);
});
