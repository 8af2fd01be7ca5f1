/** Returns the floor of `for await`: a hand-written iterator over an array in memory. */
export function overArray(items, count = items.length) {
  let index = 0;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      if (index < count) return Promise.resolve({ value: items[index++], done: false });
      return Promise.resolve({ value: undefined, done: true });
    },
  };
}
