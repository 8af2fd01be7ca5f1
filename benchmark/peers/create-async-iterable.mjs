import { createAsyncIterable } from '../../index.mjs';

/** Returns this project's own push pattern. */
export function pushed(items, count) {
  const { iterable, push, ready, done } = createAsyncIterable();
  async function produce() {
    for (let index = 0; index < count; index++) if (!push(items[index])) await ready();
    done();
  }
  produce();
  return iterable;
}
