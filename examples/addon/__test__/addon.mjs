// The addon, and the waits of its tests.

import { createRequire } from 'node:module';

export const addon = createRequire(import.meta.url)('../example-addon.node');

const TIME_LIMIT_MILLISECONDS = 30_000;

/** Waits for a condition that other threads or processes make true. */
export async function until(condition, what = condition.toString()) {
  const deadline = performance.now() + TIME_LIMIT_MILLISECONDS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Waited in vain for ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Reads a stream up to the first item for which the condition holds, and leaves it. */
export async function readUntil(stream, condition) {
  const items = [];
  for await (const item of stream) {
    items.push(item);
    if (condition(item)) break;
  }
  return items;
}
