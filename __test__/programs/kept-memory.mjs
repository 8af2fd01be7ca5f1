// Keeps small parts of large items, and prints the megabytes that this takes: `node kept-memory.mjs names`.

import { Channel } from 'async-iterable-bridge';
import { collectGarbage } from '../support/garbage.mjs';

const MEGABYTE = 1e6;

/** Sends items one after the other, in one thread, and returns the results of `keep`. */
async function carry(items, keep) {
  const channel = new Channel({ maxBytes: 1e9 });
  const sender = channel.sender();
  const stream = channel.receiver();
  const kept = [];
  const received = (async () => {
    for await (const item of stream) kept.push(keep(item));
  })();
  for (const item of items) await sender.send(item);
  sender.done();
  await received;
  return kept;
}

const WAYS = {
  /** Sends objects of ten shapes, each with a large text. Keeps nothing. */
  async shapes() {
    for (let index = 0; index < 10; index++) {
      const content = 'x'.repeat(10 * MEGABYTE);
      await carry([{ [`nameOfTheFile${index}`]: 1, contentOfTheFile: content }], () => undefined);
    }
  },
  /** Yields records with a short text, which is kept, and a long one. */
  *records() {
    for (let index = 0; index < 60; index++) {
      yield { name: `record number ${index}.`.padEnd(20), content: 'y'.repeat(5 * MEGABYTE) };
    }
  },
  names: () => carry(WAYS.records(), ({ name }) => name),
  /** Yields records with short bytes, which are kept, and long ones. */
  *byteRecords() {
    for (let index = 0; index < 60; index++) {
      yield { head: new Uint8Array(20), body: new Uint8Array(5 * MEGABYTE) };
    }
  },
  views: () => carry(WAYS.byteRecords(), ({ head }) => head),
};

/** Measures after some turns of the event loop, because the memory of buffers is freed outside of it. */
async function memory() {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    least = Math.min(least, (heapUsed + arrayBuffers) / MEGABYTE);
  }
  return least;
}

await carry([{ first: 1 }], () => undefined);
const before = await memory();
const kept = await WAYS[process.argv[2]]();
console.log(JSON.stringify({ megabytes: (await memory()) - before, kept: kept?.length }));
