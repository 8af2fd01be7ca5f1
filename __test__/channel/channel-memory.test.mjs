// The weight of items, and the memory that they keep alive.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Channel } from 'async-iterable-bridge';
import { runProgram } from '../support/child.mjs';

/** The most megabytes that a small part of items of 100 to 600 MB may keep. Without the fault it is below 2. */
const MOST_MEGABYTES = 20;

async function megabytesOf(way) {
  const { code, stdout, stderr } = await runProgram(['__test__/programs/kept-memory.mjs', way]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout).megabytes;
}

// Deno does not report the memory of one realm, and Bun's report does not include its heap.
const isMeasured = process.versions.deno === undefined && globalThis.Bun === undefined;

describe('a channel', () => {
  it('weighs keys as it weighs values', () => {
    const channel = new Channel({ maxBytes: 1 << 20 });
    const sender = channel.sender();
    channel.receiver();
    const item = (index) => ({ [`${'k'.repeat(1_000_000)}${index}`]: 1 });
    assert.equal(sender.push(item(0)), true);
    assert.equal(sender.push(item(1)), false);
    sender.done();
  });

  it('weighs the elements of Maps and Sets, errors and dictionaries', () => {
    const text = 'x'.repeat(1000);
    const items = [
      new Map([[text, 1]]),
      new Set([text]),
      new Error(text),
      Object.assign(Object.create(null), { [text]: 1 }),
    ];
    for (const item of items) {
      const channel = new Channel({ maxBytes: 500 });
      const sender = channel.sender();
      channel.receiver();
      assert.equal(sender.push(item), false);
      sender.done();
    }
  });

  it('carries items of very many and very long keys, and ends', async () => {
    const channel = new Channel();
    const sender = channel.sender();
    const stream = channel.receiver();
    const item = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`${'k'.repeat(index * 100)}${index}`, index]),
    );
    for (let index = 0; index < 20; index++) sender.push({ ...item, [`only${index}`]: index });
    sender.done();
    const received = (await Array.fromAsync?.(stream)) ?? (await stream.batches().next()).value;
    assert.equal(received.length, 20);
    assert.deepEqual(received[7], { ...item, only7: 7 });
  });
});

describe('what arrives', { skip: !isMeasured }, () => {
  it('keeps nothing by the shape of an object', async () => {
    assert.ok((await megabytesOf('shapes')) < MOST_MEGABYTES);
  });

  it('keeps no other text by a string', async () => {
    assert.ok((await megabytesOf('names')) < MOST_MEGABYTES);
  });

  it('keeps no other bytes by a view', async () => {
    assert.ok((await megabytesOf('views')) < MOST_MEGABYTES);
  });
});
