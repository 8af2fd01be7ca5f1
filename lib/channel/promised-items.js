'use strict';

// The items that a sender has taken from its first pending promise on, in order. An item behind a promise is encoded
// when the sender takes it: it weighs from then on, and crosses as it was then. The value of a promise that is behind
// others is encoded when the promise settles.

const { BatchEncoder } = require('../codec/encoder.js');
const { settle } = require('../support/thenable.js');
const { LARGEST_BATCH } = require('./event-loop.js');

/** Returns copies of chunks, which may still be memory of the caller. */
const ownChunks = (chunks) => chunks.map((chunk) => new Uint8Array(chunk));

/** A promise, a batch, or a flush(). A promise that has settled behind others becomes a batch. */
class Entry {
  next;
  /** The number of its items, and their weight in bytes. */
  items = 0;
  bytes = 0;
  isPending = false;
  isFlush = false;
  isDropped = false;
  /** The calls that settle when the entry crosses: `{ resolve, reject }`. */
  calls = [];
  #encoder;
  #batch;

  get isOpen() {
    return !this.isPending && this.#batch === undefined;
  }

  /** Appends a copy of the item, and returns its weight; or throws, and appends nothing. */
  encode(item) {
    this.#encoder ??= new BatchEncoder();
    const weight = this.#encoder.encode(item);
    this.bytes += weight;
    if (this.#encoder.mustTake) this.#close(ownChunks);
    else if (this.#encoder.bytes >= LARGEST_BATCH) this.#close((chunks) => chunks);
    return weight;
  }

  /** Returns the batch of the entry, which has items. */
  take() {
    return this.#batch ?? this.#encoder.take();
  }

  settle(isTaken) {
    for (const { resolve } of this.calls) resolve(isTaken);
  }

  #close(keep) {
    const batch = this.#encoder.take();
    this.#batch = { ...batch, chunks: keep(batch.chunks) };
  }
}

class PromisedItems {
  #first;
  #last;
  /** The items of all entries, and their weight in bytes. */
  #items = 0;
  #bytes = 0;
  #isEncoding = false;
  #sender;

  /**
   * @param {object} sender
   * @param {(item: unknown) => void} sender.encode - Encodes the next item; may throw.
   * @param {() => boolean} sender.flush - Hands over the items that were encoded. Returns whether the channel has taken it.
   * @param {(entry: Entry) => boolean} sender.cross - Hands over the batch of this entry. Returns the same.
   * @param {(bytes: number) => void} sender.weigh - Adds the weight of an item that was taken before.
   * @param {() => void} sender.released - Called when all entries that can cross have crossed.
   * @param {(reason: unknown, lost: number) => void} sender.fail - Fails the stream at an item.
   *   That item is lost, and so are the items behind it: `lost` items in all.
   */
  constructor(sender) {
    this.#sender = sender;
  }

  get items() {
    return this.#items;
  }

  get bytes() {
    return this.#bytes;
  }

  /** Reports whether a getter of an item is running. */
  get isEncoding() {
    return this.#isEncoding;
  }

  get isEmpty() {
    return this.#first === undefined;
  }

  /** Takes an item behind others, and returns its weight. `call` settles when the item crosses. */
  add(item, call) {
    const entry = this.#last.isOpen ? this.#last : this.#append();
    const weight = this.#encode(entry, item);
    entry.items++;
    if (call !== undefined) entry.calls.push(call);
    this.#items++;
    return weight;
  }

  /** Takes a promise. `call` settles when its item crosses, or rejects when the item cannot be cloned. */
  addPromised(promised, call) {
    const entry = this.#append();
    entry.isPending = true;
    entry.items = 1;
    if (call !== undefined) entry.calls.push(call);
    this.#items++;
    settle(
      promised,
      (settled) => this.#fulfill(entry, settled),
      (reason) => this.#failAt(entry, reason),
    );
  }

  /** Settles a call when all items that are held now have crossed. */
  addFlush(call) {
    const entry = this.#append();
    entry.isFlush = true;
    entry.calls.push(call);
  }

  /** Drops all items, and returns their number. */
  clear() {
    return this.#dropFrom(this.#first);
  }

  #append() {
    const entry = new Entry();
    if (this.#first === undefined) this.#first = entry;
    else this.#last.next = entry;
    this.#last = entry;
    return entry;
  }

  /** Replaces a promise with its item, and hands over what it has held back. */
  #fulfill(entry, item) {
    if (entry.isDropped) return;
    entry.isPending = false;
    try {
      if (entry === this.#first) this.#encodeFirst(entry, item);
      else this.#sender.weigh(this.#encode(entry, item));
    } catch (reason) {
      this.#refuse(entry, reason);
    }
    this.#release();
  }

  /** Adds the item of the first entry to those that cross at the end of the turn. */
  #encodeFirst(entry, item) {
    this.#sender.encode(item);
    if (entry.isDropped) return;
    entry.items = 0;
    this.#items--;
  }

  #encode(entry, item) {
    this.#isEncoding = true;
    try {
      const weight = entry.encode(item);
      this.#bytes += weight;
      return weight;
    } finally {
      this.#isEncoding = false;
    }
  }

  /** Refuses an item that cannot be cloned. The send() of the item rejects; an item of push() fails the stream. */
  #refuse(entry, reason) {
    if (entry.calls.length === 0) {
      this.#failAt(entry, reason);
      return;
    }
    this.#items -= entry.items;
    entry.items = 0;
    for (const { reject } of entry.calls.splice(0)) reject(reason);
  }

  /** Hands over the entries up to the first promise that is pending. */
  #release() {
    while (this.#first !== undefined && !this.#first.isPending) {
      const entry = this.#first;
      // Items that were encoded cross with the others of their turn, unless an entry has to cross behind them.
      let isTaken = true;
      if (entry.items > 0 || entry.isFlush) isTaken = this.#sender.flush();
      if (entry.isDropped) return;
      this.#first = entry.next;
      this.#items -= entry.items;
      this.#bytes -= entry.bytes;
      if (entry.items > 0) isTaken = this.#sender.cross(entry);
      entry.settle(isTaken);
    }
    this.#sender.released();
  }

  #failAt(entry, reason) {
    if (entry.isDropped) return; // the channel has ended meanwhile
    this.#sender.fail(reason, this.#dropFrom(entry));
  }

  #dropFrom(first) {
    let last;
    for (let kept = this.#first; kept !== first; kept = kept.next) last = kept;
    if (last === undefined) this.#first = undefined;
    else last.next = undefined;
    this.#last = last;
    let lost = 0;
    for (let entry = first; entry !== undefined; entry = entry.next) {
      entry.isDropped = true;
      lost += entry.items;
      this.#items -= entry.items;
      this.#bytes -= entry.bytes;
      entry.settle(false);
    }
    return lost;
  }
}

module.exports = { PromisedItems, ownChunks };
