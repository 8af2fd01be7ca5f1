/**
 * Returns a queue by the pattern that programs write by hand: an array of items, and an array of the `resolve`
 * functions of consumers that wait. It has no bounds and counts nothing.
 */
export function handWrittenQueue() {
  const items = [];
  const waiting = [];
  let isDone = false;
  return {
    push(item) {
      if (waiting.length > 0) waiting.shift()({ value: item, done: false });
      else items.push(item);
    },
    done() {
      isDone = true;
      for (const resolve of waiting.splice(0)) resolve({ value: undefined, done: true });
    },
    iterable: {
      [Symbol.asyncIterator]() {
        return this;
      },
      next() {
        if (items.length > 0) return Promise.resolve({ value: items.shift(), done: false });
        if (isDone) return Promise.resolve({ value: undefined, done: true });
        return new Promise((resolve) => waiting.push(resolve));
      },
      return() {
        isDone = true;
        return Promise.resolve({ value: undefined, done: true });
      },
    },
  };
}
