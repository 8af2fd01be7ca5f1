import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { addon, readUntil } from './addon.mjs';

const { createProducts, logs, products } = addon;

const COUNT = 10_000;
const folder = mkdtempSync(join(tmpdir(), 'example-addon-'));
const path = join(folder, 'products.sqlite');

before(() => createProducts(path, COUNT));
after(() => rmSync(folder, { recursive: true, force: true }));

const readAll = (stream) => readUntil(stream, () => false);

/** Waits until the thread of a cursor logs that its database is open. */
const isOpen = (records) => readUntil(records, ({ message }) => message === `${path} is open`);
const isClosed = (records) => readUntil(records, ({ message }) => message === `${path} is closed`);

test('a row is an object, with a bigint, a string, and a number or null', async () => {
  const rows = await readAll(products(path, 'SELECT * FROM products WHERE id IN (2, 3)'));
  assert.deepEqual(rows, [
    { id: 2n, name: 'product 2', price: 0.5 },
    { id: 3n, name: 'product 3', price: null },
  ]);
});

test('every row of a table arrives, in order', async () => {
  let count = 0n;
  for await (const { id, name, price } of products(path)) {
    count++;
    assert.equal(id, count);
    assert.equal(name, `product ${count}`);
    assert.equal(price, count % 3n === 0n ? null : Number(count) / 4);
  }
  assert.equal(count, BigInt(COUNT));
});

test('a query that SQLite does not understand rejects with a code', async () => {
  const stream = products(path, 'SELECT id FROM nowhere');
  await assert.rejects(stream.next(), {
    name: 'Error',
    code: 'ERR_SQLITE',
    message: /no such table: nowhere/,
  });
  assert.deepEqual(await stream.next(), { value: undefined, done: true });
});

test('a row that is no product rejects, after those before it', async () => {
  const query = "SELECT id, iif(id = 3, x'00', name) AS name, price FROM products ORDER BY id";
  const stream = products(path, query);
  assert.equal((await stream.next()).value.id, 1n);
  assert.equal((await stream.next()).value.id, 2n);
  await assert.rejects(stream.next(), { code: 'ERR_SQLITE', message: /column.*name/i });
});

test('a database that is missing rejects, and is not made', async () => {
  for (const _ of [1, 2]) {
    await assert.rejects(products(join(folder, 'missing.sqlite')).next(), { code: 'ERR_SQLITE' });
  }
});

test('leaving the loop in the middle closes the cursor', async () => {
  const records = logs();
  const rows = await readUntil(products(path), ({ id }) => id === 5000n);
  assert.equal(rows.length, 5000);
  await isClosed(records);
});

test('leaving interrupts a query that brings no row', async () => {
  const [opening, closing] = [logs(), logs()];
  const endless = `WITH RECURSIVE numbers(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM numbers)
    SELECT id, '' AS name, NULL AS price FROM numbers WHERE id < 0`;
  const stream = products(path, endless);
  const pending = stream.next();
  await isOpen(opening);
  await stream.return();
  assert.deepEqual(await pending, { value: undefined, done: true });
  await isClosed(closing);
});
