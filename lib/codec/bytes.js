'use strict';

// The bytes of a batch that is being encoded, in chunks, as layout.js describes them.

const { CHUNK_BYTES, WHOLE_BYTES, ALIGNMENT, FORMS } = require('./layout.js');
const { ItemBuffer, Part } = require('./item-buffer.js');
const views = require('./views.js');
const { uncurry } = require('../addon/runtime.js');

const { apply } = Reflect;
const { set, slice, subarray } = Object.getPrototypeOf(Uint8Array.prototype);
const setBytes = uncurry(set);

const UINT8_ARRAY = FORMS.indexOf('Uint8Array');
const BUFFER = FORMS.indexOf('Buffer');
const ARRAY_BUFFER = FORMS.indexOf('ArrayBuffer');

/** The most blocks that stay with the encoder between two batches. */
const MOST_KEPT_BLOCKS = 12;

/** Up to this many buffers of one item, a scan of a list is faster than a Map. */
const MOST_IN_LIST = 8;

/** The position of the writer in the bytes of a batch. */
class Progress {
  chunks = 0;
  /** The number of chunks that are memory of the program. */
  borrowed = 0;
  /** The number of blocks in use. The last block is open: it is the chunk openChunk, and filled up to openBytes. */
  blocks = 0;
  openChunk = -1;
  openBytes = CHUNK_BYTES;
  memories = 0;
  joined = 0;

  become(other) {
    this.chunks = other.chunks;
    this.borrowed = other.borrowed;
    this.blocks = other.blocks;
    this.openChunk = other.openChunk;
    this.openBytes = other.openBytes;
    this.memories = other.memories;
    this.joined = other.joined;
  }
}

const NOTHING = new Progress();

class BatchBytes {
  // biome-ignore lint/correctness/noUnusedPrivateClassMembers: kept, as that of encoder.js
  static #classAnchor = new BatchBytes();

  #progress = new Progress();
  /** The progress before the first bytes of the item, if it has any. */
  #before = new Progress();
  #hasBytes = false;
  #chunks = [];
  /** Memory for chunks, which every batch uses again. */
  #blocks = [];
  #memories = [];
  #joined = [];
  /** The parts of this item whose chunks are memory of the program. */
  #borrowing = [];
  /** The first bytes of this item, as most items have no more; and all of its buffers, if it has more. */
  #first = undefined;
  #spare = new Part();
  #buffers = undefined;
  #byBuffer = undefined;

  /** Reports whether a chunk is memory of the program. If so, the batch has to be taken before that memory changes. */
  get borrows() {
    return this.#progress.borrowed > 0;
  }

  /** Adds the view of this slot. Returns its length in bytes. Throws for memory that is detached or shared. */
  addView(view, form, slot) {
    const length = views.lengthOf(view, form);
    const buffer = views.bufferOf(view, form);
    const isResizable = views.isResizable(buffer);
    const part = this.#partOf(slot, form, buffer, length);
    part.start = views.offsetOf(view, form);
    if (isResizable) part.tracks = views.tracksLength(view, form);
    this.#add(part, view, isResizable);
    return length;
  }

  /** Adds a whole buffer, as addView() adds a view. */
  addBuffer(buffer, slot) {
    const length = views.byteLengthOf(buffer);
    if (length === 0) views.expectBufferAttached(buffer);
    const part = this.#partOf(slot, ARRAY_BUFFER, buffer, length);
    part.start = 0;
    this.#add(part, undefined, views.isResizable(buffer));
    return length;
  }

  /** Copies the bytes of this item that are still memory of the program, before code of the program can run. */
  settle() {
    for (const { part, chunk } of this.#borrowing) {
      part.source = apply(slice, part.source, []);
      this.#chunks[chunk] = part.source;
    }
    this.#progress.borrowed -= this.#borrowing.length;
    this.#borrowing.length = 0;
  }

  /** Ends an item. Returns the slots of its views that belong together, in order, and the weight that these add. */
  finishItem() {
    if (!this.#hasBytes) return APART;
    const joined = this.#buffers?.some(({ isJoined }) => isJoined) ? this.#join() : APART;
    this.#forgetItem();
    return joined;
  }

  /** Removes the bytes of an item that has not ended. */
  rollBack() {
    if (!this.#hasBytes) return;
    this.#progress.become(this.#before);
    this.#forgetItem();
  }

  /** Returns the chunks of the batch. Some may be memory that the next batch overwrites. */
  take() {
    this.#closeBlock();
    const progress = this.#progress;
    const memories = this.#memories.slice(0, progress.memories);
    return {
      chunks: [...this.#chunks.slice(0, progress.chunks), ...memories.map(({ bytes }) => bytes)],
      memories,
      joined: this.#joined.slice(0, progress.joined),
    };
  }

  clear() {
    this.#progress.become(NOTHING);
    this.#chunks = [];
    this.#memories = [];
    this.#joined = [];
    if (this.#blocks.length > MOST_KEPT_BLOCKS) this.#blocks.length = MOST_KEPT_BLOCKS;
  }

  /** Returns the part for the bytes that are added. The first bytes of every item use the same part. */
  #partOf(slot, form, buffer, length) {
    const part = this.#hasBytes ? new Part() : this.#spare;
    part.slot = slot;
    part.form = form;
    part.buffer = buffer;
    part.length = length;
    // The spare part has those of an item before.
    part.source = undefined;
    part.sourceStart = 0;
    part.tracks = false;
    return part;
  }

  #add(part, view, isResizable) {
    const { form, buffer, start, length } = part;
    const isFirst = !this.#hasBytes;
    if (isFirst) {
      this.#before.become(this.#progress);
      this.#hasBytes = true;
    }
    if (length >= WHOLE_BYTES) this.#borrow(part, new Uint8Array(buffer, start, length));
    else if (length > 0) {
      const isOfBytes = form === UINT8_ARRAY || form === BUFFER;
      this.#pack(part, isOfBytes ? view : new Uint8Array(buffer, start, length));
    }
    if (isFirst && !isResizable && length < WHOLE_BYTES) this.#first = part;
    else this.#remember(part);
  }

  #borrow(part, bytes) {
    const progress = this.#progress;
    part.source = bytes;
    this.#chunks[progress.chunks] = bytes;
    this.#borrowing.push({ part, chunk: progress.chunks });
    progress.chunks++;
    progress.borrowed++;
  }

  /** Copies bytes into the open block, or the next one. */
  #pack(part, bytes) {
    const progress = this.#progress;
    if (progress.openBytes + part.length > CHUNK_BYTES) this.#openBlock();
    part.source = this.#blocks[progress.blocks - 1];
    part.sourceStart = progress.openBytes;
    setBytes(part.source, bytes, progress.openBytes);
    progress.openBytes = (progress.openBytes + part.length + ALIGNMENT - 1) & -ALIGNMENT;
  }

  #openBlock() {
    this.#closeBlock();
    const progress = this.#progress;
    const index = progress.blocks;
    if (index === this.#blocks.length) this.#blocks.push(new Uint8Array(CHUNK_BYTES));
    this.#chunks[progress.chunks] = this.#blocks[index];
    progress.blocks = index + 1;
    progress.openChunk = progress.chunks++;
    progress.openBytes = 0;
  }

  /** Cuts the open chunk to its filled bytes. If it is filled further, it is cut again. */
  #closeBlock() {
    const { blocks, openChunk, openBytes } = this.#progress;
    if (blocks === 0) return;
    this.#chunks[openChunk] = apply(subarray, this.#blocks[blocks - 1], [0, openBytes]);
  }

  #remember(part) {
    this.#buffers ??= [];
    if (part === this.#spare) this.#spare = new Part();
    const first = this.#first;
    this.#first = undefined;
    if (first !== undefined) this.#remember(first);
    const known = this.#find(part.buffer);
    if (known !== undefined) {
      known.add(part);
      return;
    }
    const found = new ItemBuffer(part);
    this.#buffers.push(found);
    this.#byBuffer?.set(part.buffer, found);
  }

  #find(buffer) {
    const buffers = this.#buffers;
    if (buffers.length < MOST_IN_LIST) return buffers.find((known) => known.buffer === buffer);
    this.#byBuffer ??= new Map(buffers.map((known) => [known.buffer, known]));
    return this.#byBuffer.get(buffer);
  }

  #join() {
    const progress = this.#progress;
    const all = [];
    let weight = 0;
    for (const itemBuffer of this.#buffers) {
      if (!itemBuffer.isJoined) continue;
      const { memory, entries } = itemBuffer.join(progress.memories);
      this.#memories[progress.memories++] = memory;
      weight += memory.bytes.length;
      for (const entry of entries) all.push(entry);
    }
    all.sort((one, other) => one.slot - other.slot);
    for (const entry of all) this.#joined[progress.joined++] = entry;
    return { slots: all.map(({ slot }) => slot), weight };
  }

  #forgetItem() {
    this.#hasBytes = false;
    if (this.#borrowing.length > 0) this.#borrowing.length = 0;
    this.#first = undefined;
    this.#spare.buffer = undefined;
    this.#buffers = undefined;
    this.#byBuffer = undefined;
  }
}

/** The result for an item in which each view has memory of its own. */
const APART = Object.freeze({ slots: Object.freeze([]), weight: 0 });

module.exports = { BatchBytes };
