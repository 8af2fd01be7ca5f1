import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addon, readUntil, until } from './addon.mjs';

const { logs, logListeners, work } = addon;

const isLast = ({ message }) => /^step (\d+) of \1$/.test(message);

test('a record tells what was logged, how important it is, where and when', async () => {
  const stream = logs();
  const before = Date.now();
  work(1);
  const [record] = await readUntil(stream, isLast);
  const { time, ...rest } = record;
  assert.deepEqual(rest, {
    level: 'info',
    target: 'example_addon::logs',
    message: 'step 1 of 1',
  });
  assert.ok(time instanceof Date);
  assert.ok(time.getTime() >= before && time.getTime() <= Date.now());
});

test('a consumer that keeps up gets every record, in order', async () => {
  const stream = logs();
  work(500);
  const messages = (await readUntil(stream, isLast)).map(({ message }) => message);
  assert.deepEqual(
    messages,
    Array.from({ length: 500 }, (_, index) => `step ${index + 1} of 500`),
  );
});

test('each of several consumers gets every record', async () => {
  const streams = [logs(), logs(), logs()];
  work(10);
  for (const records of await Promise.all(streams.map((stream) => readUntil(stream, isLast)))) {
    assert.equal(records.length, 10);
  }
});

test('logging does not wait for a consumer that does not read: it loses the oldest records', async () => {
  const stream = logs();
  work(10_000);
  await until(() => stream.stats.pushed === 10_000);
  assert.equal(stream.stats.dropped, 9000);
  const records = await readUntil(stream, isLast);
  assert.equal(records.length, 1000);
  assert.equal(records[0].message, 'step 9001 of 10000');
});

test('the stream of a consumer that has left goes away with the next record', async () => {
  const left = logs();
  const stays = logs();
  work(1);
  await readUntil(left, isLast);
  work(2);
  await readUntil(stays, ({ message }) => message === 'step 2 of 2');
  assert.equal(logListeners(), 1);
  work(1);
  await until(() => logListeners() === 0);
});

test('a consumer can come back after all have left', async () => {
  await logs().return();
  work(1);
  await until(() => logListeners() === 0);
  const stream = logs();
  work(3);
  assert.equal((await readUntil(stream, isLast)).length, 3);
});
