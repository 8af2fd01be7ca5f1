/** Items that have arrived and are not read yet. It is a linked list, because `shift()` on a long array is slow. */
class Queue {
  #first;
  #last;

  push(item) {
    const entry = { item, next: undefined };
    if (this.#first === undefined) this.#first = entry;
    else this.#last.next = entry;
    this.#last = entry;
  }

  /** Removes and returns the first entry, or undefined if there is none. */
  shift() {
    const entry = this.#first;
    this.#first = entry?.next;
    return entry;
  }
}

/**
 * The asking half of a request bridge with Lodestar's algorithm: it queues every item that arrives, and makes a
 * promise for each `next()` that has to wait.
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
