/**
 * The answering half of a request bridge with Lodestar's algorithm: it sends each item as an event as soon as the
 * iterator has returned it.
 */
export class HandWrittenHandler {
  #bus;
  #handler;
  #iterators = new Map();

  constructor(bus, handler) {
    this.#bus = bus;
    this.#handler = handler;
    bus.onRequest((request) => this.#answer(request));
    bus.onRequestCancel(({ id }) => this.#iterators.get(id)?.return());
  }

  async #answer({ callArgs, id }) {
    try {
      const iterator = this.#handler(callArgs)[Symbol.asyncIterator]();
      this.#iterators.set(id, iterator);
      for (;;) {
        const { value, done } = await iterator.next();
        if (done) break;
        this.#bus.emitResponse({ type: 'iterator.next', id, item: value });
      }
      this.#bus.emitResponse({ type: 'iterator.done', id });
    } catch (error) {
      this.#bus.emitResponse({ type: 'iterator.error', id, error });
    } finally {
      this.#iterators.delete(id);
    }
  }
}
