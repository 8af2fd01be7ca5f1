/** Items that have come and were not read yet. A linked list, as `shift()` on a long array takes long. */
class Queue {
  #first;
  #last;

  push(item) {
    const entry = { item, next: undefined };
    if (this.#first === undefined) this.#first = entry;
    else this.#last.next = entry;
    this.#last = entry;
  }

  /** An entry, or undefined where there is none. */
  shift() {
    const entry = this.#first;
    this.#first = entry?.next;
    return entry;
  }
}

/**
 * The asking half of a request bridge with the algorithm of Lodestar's: whatever comes is queued, and
 * a promise is made for each `next()` that has to wait.
 */
export class HandWrittenCaller {
  #bus;
  #requests = new Map();
  #nextId = 0;

  constructor(bus) {
    this.#bus = bus;
    bus.onResponse((event) => this.#receive(event));
  }

  getAsyncIterable(callArgs) {
    return { [Symbol.asyncIterator]: () => this.#request(callArgs) };
  }

  #request(callArgs) {
    const id = this.#nextId++;
    const request = { queue: new Queue(), hasEnded: false, error: undefined, wake: undefined };
    this.#requests.set(id, request);
    this.#bus.emitRequest({ callArgs, id });
    return {
      async next() {
        for (;;) {
          const entry = request.queue.shift();
          if (entry !== undefined) return { value: entry.item, done: false };
          if (request.error !== undefined) throw request.error;
          if (request.hasEnded) return { value: undefined, done: true };
          await new Promise((resolve) => {
            request.wake = resolve;
          });
        }
      },
      return: async () => {
        if (this.#requests.delete(id)) this.#bus.emitRequestCancel({ id });
        return { value: undefined, done: true };
      },
    };
  }

  #receive({ type, id, item, error }) {
    const request = this.#requests.get(id);
    if (request === undefined) return;
    if (type === 'iterator.next') {
      request.queue.push(item);
    } else {
      this.#requests.delete(id);
      if (type === 'iterator.done') request.hasEnded = true;
      else request.error = error;
    }
    request.wake?.();
  }
}
