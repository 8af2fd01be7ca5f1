// Processes and workers that end while channels are in use. Each case runs in a process of its own, and the
// test checks its exit code and signal.

import { describe, test } from 'node:test';
import { expectExit } from '../support/ending.mjs';

const ends = (state, expected) => expectExit(['channel-endings', state], expected);

describe('what can still be answered by another thread keeps its process alive', () => {
  for (const state of [
    'next() with a sender in a worker',
    'next() with a sender that is to come from a worker',
  ]) {
    test(state, () => ends(state, { lines: ['late'] }));
  }

  test('send() in a worker', () =>
    ends('send() in a worker', { lines: ['item waits', 'true true 0'] }));
});

describe('what can be answered by no other thread does not', () => {
  for (const state of [
    'next() with nobody that could send',
    'next() with a sender in this thread',
    'next() with a worker that goes without a sender',
    'send() with a receiver in this thread',
  ]) {
    test(state, () => ends(state, { lines: ['pending'] }));
  }

  test('next() with a sender that is left in this thread', () =>
    ends('next() with a sender that is left in this thread', { lines: ['late', 'pending'] }));

  test('send() with a receiver in a worker, and done()', () =>
    ends('send() with a receiver in a worker, and done()', { lines: ['true true true'] }));

  test('send() with a receiver in a worker, and fail()', () =>
    ends('send() with a receiver in a worker, and fail()', { lines: ['false false'] }));

  test('send() with a receiver in a worker, behind a promise', () =>
    ends('send() with a receiver in a worker, behind a promise', { lines: ['false'] }));

  test('ends that nobody awaits', () => ends('ends that nobody awaits', { lines: ['0'] }));

  test('ends in workers that wait', () => ends('ends in workers that wait'));
});

test('process.exit() while channels are busy exits with its code', async () => {
  for (let round = 0; round < 10; round++) await ends('process.exit()', { code: 7 });
});

// A worker of Deno takes ten times as long to start.
const [ROUNDS, WORKERS] = process.versions.deno ? ['5', '5'] : ['15', '15'];

test('workers that are terminated while channels are busy leave nothing pending and nothing behind', async () => {
  const lines = ['[true,true,"ERR_PRODUCER_TERMINATED"]', 'quiet'];
  await expectExit(['terminate-channels', ROUNDS, WORKERS], { lines });
});
