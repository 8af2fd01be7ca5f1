/**
 * Makes a callback iterable: `start(onItem)` calls it with every item, and with null at the end. Two arrays are
 * swapped, because `shift()` on a long array is slow.
 */
export function overCallback(start) {
  let incoming = [];
  let batch = [];
  let index = 0;
  let isOver = false;
  let parked;

  function take() {
    if (index === batch.length) {
      batch = incoming;
      incoming = [];
      index = 0;
    }
    if (index < batch.length) return { value: batch[index++], done: false };
    return isOver ? { value: undefined, done: true } : undefined;
  }

  start((item) => {
    if (item === null) isOver = true;
    else incoming.push(item);
    if (parked === undefined) return;
    const resolve = parked;
    parked = undefined;
    resolve(take());
  });

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      const result = take();
      if (result !== undefined) return Promise.resolve(result);
      return new Promise((resolve) => {
        parked = resolve;
      });
    },
  };
}
