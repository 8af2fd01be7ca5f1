import { makeBlock } from './block.mjs';

/** The chain as a node knows it: the blocks up to its head. They are made when they are read. */
export class Chain {
  #headSlot;
  #whenIdle = [];
  /** The number of requests for blocks, and of blocks that were read for them. */
  begun = 0;
  ended = 0;
  blocksRead = 0;

  constructor(headSlot) {
    this.#headSlot = headSlot;
  }

  async *blocksByRange({ startSlot, count }) {
    this.begun += 1;
    try {
      for (let slot = startSlot; slot < startSlot + count; slot += 1) {
        if (slot > this.#headSlot) throw unknownBlock(slot);
        this.blocksRead += 1;
        yield makeBlock(slot);
      }
    } finally {
      this.ended += 1;
      if (this.begun === this.ended) for (const resolve of this.#whenIdle.splice(0)) resolve();
    }
  }

  /** Waits until no request is being answered. */
  async idle() {
    if (this.begun === this.ended) return;
    await new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  get counts() {
    return { begun: this.begun, ended: this.ended, blocksRead: this.blocksRead };
  }
}

const unknownBlock = (slot) =>
  Object.assign(new Error(`Slot ${slot} is after the head`), { code: 'ERR_UNKNOWN_BLOCK' });
