// Streams that end, and failures that they survive, in a process that goes on. Each case runs in a process of its
// own, which exits by itself once no native object is alive in it.

import { test } from 'node:test';
import { expectExit } from '../support/ending.mjs';

test('a producer that panics rejects the pending next(), and its process goes on', async () => {
  const lines = ['thread', 'task', 'handle', 'at once'].map(
    (name) => `${name}: ERR_PRODUCER_PANICKED, done`,
  );
  await expectExit(['panicking-producers'], { lines: [...lines, 'afterwards: 0, 1'] });
});

test('a queue stays within capacity and maxBytes while the event loop is blocked', async () => {
  const lines = ['16 of 16 items', '16 of 16 items', '100 of 100 bytes'];
  await expectExit(['slow-consumer'], { lines });
});

test('a consumer that throws in its loop cancels the producer, and its process goes on', async () => {
  await expectExit(['throwing-consumer'], { lines: Array(3).fill('thrown cancelled') });
});

test('a send after an end is refused, and a sender that waited for room goes away', async () => {
  const lines = ['close', 'fail', 'return', 'throw'].map((name) => `${name}: closed late`);
  await expectExit(['refused-sends'], { lines });
});

test('a signal that aborts ends its stream, before it starts and while it runs', async () => {
  const lines = [
    'before: before, done, cancelled',
    'while next() is pending: during, done, cancelled',
    'in the loop: in the loop, done, cancelled',
    'after: done, closed',
  ];
  await expectExit(['aborted-streams'], { lines });
});

test('a timer keeps firing while producers are never out of items', async () => {
  await expectExit(['starving-timer'], { lines: Array(4).fill('it kept firing') });
});

test('ten thousand idle streams are small, and leave nothing behind when they are forgotten', async () => {
  await expectExit(['many-idle-streams'], { lines: ['small', '10000'] });
});

test('streams that are forgotten without return() are collected, and their producers stop', async () => {
  await expectExit(['abandoned-streams'], { lines: ['collected'] });
});
