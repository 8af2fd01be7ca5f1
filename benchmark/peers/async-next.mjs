/** Makes a native object iterable whose `next()` returns a promise of an item, or of null. */
export function overAsyncNext(native) {
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      const value = await native.next();
      return value === null ? { value: undefined, done: true } : { value, done: false };
    },
  };
}
