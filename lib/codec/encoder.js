'use strict';

// Makes batches of items, as layout.js describes them. An item is copied when it is encoded: what
// happens to it later is not seen.
//
// Plain data is written value by value. An item that holds anything else, or one object in two
// places, goes through the structured clone of the engine as a whole.

const { isArrayBuffer, isDate, isProxy, isSharedArrayBuffer } = require('node:util/types');
const { byteLengthOf, bytesOf, formOf, isOfBytes } = require('./binary.js');
const layout = require('./layout.js');
const { Seen } = require('./seen.js');
const { ShapeTree, isPolluted } = require('./shapes.js');
const { refuseSharedMemory, serialize } = require('./structured.js');

const { LOW, HIGH, FORMS, ALIGNMENT, CHUNK_BYTES, WHOLE_BYTES } = layout;

/** How much memory a batch begins with, and how much stays with the encoder between two. */
const FIRST_SLOTS = 32;
const MOST_KEPT_SLOTS = 32 * 1024;
const MOST_KEPT_BLOCKS = 12;

/** Characters of a batch at most: no engine's strings may be much longer. A longer text is the engine's matter. */
const MOST_CHARACTERS = 2 ** 27;

/** An object with more keys is a dictionary: hardly any other has the same. */
const MOST_KEYS = 64;

/** Deeper items are the engine's, which looks after its stack. */
const DEEPEST = 256;

const { getPrototypeOf } = Object;
const ObjectPrototype = Object.prototype;

const ARRAY_BUFFER = FORMS.indexOf('ArrayBuffer');
const STRUCTURED = FORMS.indexOf('structured');

/** Whether an array has all its elements, and nothing else. */
function isDense(array) {
  const keys = Object.keys(array);
  const { length } = array;
  return keys.length === length && (length === 0 || keys[length - 1] === `${length - 1}`);
}

/** How far a batch has come: all that an item which cannot be encoded has to give back. */
class Progress {
  slots = 0;
  strings = 0;
  characters = 0;
  shapes = 0;
  binaryBytes = 0;
  chunks = 0;
  /** Blocks in use. The last is open: it is the chunk openChunk, and filled up to openBytes. */
  blocks = 0;
  openChunk = -1;
  openBytes = CHUNK_BYTES;
  mustTake = false;

  become(other) {
    this.slots = other.slots;
    this.strings = other.strings;
    this.characters = other.characters;
    this.shapes = other.shapes;
    this.binaryBytes = other.binaryBytes;
    this.chunks = other.chunks;
    this.blocks = other.blocks;
    this.openChunk = other.openChunk;
    this.openBytes = other.openBytes;
    this.mustTake = other.mustTake;
  }
}

class BatchEncoder {
  /** V8 throws optimized code away that is for a class of which a full collection finds no instance. */
  // biome-ignore lint/correctness/noUnusedPrivateClassMembers: it is there to be kept
  static #eternal = new BatchEncoder();

  #progress = new Progress();
  #before = new Progress();
  #count = 0;
  /** One column, seen as numbers, as halves of slots, and as integers. */
  #numbers;
  #halves;
  #bigints;
  #strings = [];
  #shapes = [];
  #chunks = [];
  /** Memory for chunks, used again by every batch. */
  #blocks = [];
  #tree = new ShapeTree();
  #seen = new Seen();
  #depth = 0;
  #isEncoding = false;

  constructor() {
    this.#allocate(FIRST_SLOTS);
  }

  get count() {
    return this.#count;
  }

  get bytes() {
    const { slots, characters, binaryBytes } = this.#progress;
    return 8 * slots + characters + binaryBytes;
  }

  /** Memory of the caller was not copied: take() has to come before anybody can change it. */
  get mustTake() {
    return this.#progress.mustTake;
  }

  /** Whether a getter of an item is what runs. */
  get isEncoding() {
    return this.#isEncoding;
  }

  /** Appends a copy of the item, and gives its weight in bytes; or throws, and appends nothing. */
  encode(item) {
    this.#expectIdle();
    // So small that what every other item costs here would be half of it.
    if (typeof item === 'number') {
      this.#writeNumber(item);
      this.#count++;
      return 8;
    }
    const before = this.bytes;
    if (typeof item === 'object' && item !== null) this.#encodeObject(item);
    else if (!this.#write(item)) this.#writeStructured(item);
    this.#count++;
    return this.bytes - before;
  }

  /** The batch so far. It may use memory that the next encode() overwrites. */
  take() {
    this.#expectIdle();
    this.#appendShapes();
    this.#closeBlock();
    const batch = {
      count: this.#count,
      bytes: this.bytes,
      head: new Uint8Array(this.#numbers.buffer, 0, 8 * this.#progress.slots),
      text: this.#strings.join(''),
      chunks: this.#chunks,
    };
    this.#clear();
    return batch;
  }

  /** A getter of the item that is being encoded may call anything. */
  #expectIdle() {
    if (!this.#isEncoding) return;
    throw new DOMException('The getter of an item sends another item', 'InvalidStateError');
  }

  #clear() {
    this.#count = 0;
    this.#progress.become(new Progress());
    this.#strings = [];
    this.#shapes = [];
    this.#chunks = [];
    if (this.#numbers.length > MOST_KEPT_SLOTS) this.#allocate(FIRST_SLOTS);
    if (this.#blocks.length > MOST_KEPT_BLOCKS) this.#blocks.length = MOST_KEPT_BLOCKS;
  }

  #encodeObject(item) {
    this.#isEncoding = true;
    try {
      if (!this.#writePlain(item)) this.#writeStructured(item);
    } finally {
      this.#isEncoding = false;
    }
  }

  #writePlain(item) {
    this.#before.become(this.#progress);
    let isWritten = false;
    try {
      isWritten = this.#write(item);
      return isWritten;
    } finally {
      this.#seen.clear();
      this.#depth = 0;
      if (!isWritten) this.#rollBack();
    }
  }

  #rollBack() {
    const before = this.#before;
    this.#progress.become(before);
    this.#strings.length = before.strings;
    this.#shapes.length = before.shapes;
    this.#chunks.length = before.chunks;
  }

  /** Gives false if it has met what is not plain data. What it has written is then void. */
  #write(value) {
    switch (typeof value) {
      case 'number':
        this.#writeNumber(value);
        return true;
      case 'string':
        if (this.#progress.characters + value.length > MOST_CHARACTERS) return false;
        this.#writeText(layout.STRING, value);
        return true;
      case 'boolean':
        this.#writeSlot(value ? layout.TRUE : layout.FALSE, 0);
        return true;
      case 'undefined':
        this.#writeSlot(layout.UNDEFINED, 0);
        return true;
      case 'object':
        if (value === null) {
          this.#writeSlot(layout.NULL, 0);
          return true;
        }
        return this.#seen.isNew(value) && this.#writeObject(value);
      case 'bigint':
        this.#writeBigint(value);
        return true;
      default:
        return false;
    }
  }

  #writeObject(value) {
    if (ArrayBuffer.isView(value)) {
      this.#writeBytes(formOf(value), isOfBytes(value) ? value : bytesOf(value));
      return true;
    }
    // A proxy tells of no target what it is, and must not be asked.
    if (isProxy(value)) return false;
    if (Array.isArray(value)) return this.#writeArray(value);
    if (getPrototypeOf(value) === ObjectPrototype) return this.#writePlainObject(value);
    if (isArrayBuffer(value)) {
      this.#writeBytes(ARRAY_BUFFER, bytesOf(value));
      return true;
    }
    if (isDate(value)) {
      this.#writeSlot(layout.DATE, 0);
      this.#writeNumber(Date.prototype.getTime.call(value));
      return true;
    }
    // Bun would copy it.
    if (isSharedArrayBuffer(value)) refuseSharedMemory();
    return false;
  }

  #writeArray(array) {
    if (!isDense(array) || this.#depth === DEEPEST) return false;
    const { length } = array;
    this.#writeSlot(layout.ARRAY, length);
    this.#depth++;
    for (let index = 0; index < length; index++) {
      const element = array[index];
      // As in encode().
      if (typeof element === 'number') this.#writeNumber(element);
      else if (!this.#write(element)) return false;
    }
    this.#depth--;
    return true;
  }

  #writePlainObject(object) {
    if (isPolluted() || this.#depth === DEEPEST) return false;
    const slot = this.#writeSlot(layout.OBJECT, 0);
    const tree = this.#tree;
    let place = tree.root;
    let keys = 0;
    this.#depth++;
    for (const key in object) {
      if (++keys > MOST_KEYS) return false;
      place = place.nextKey === key ? place.next : place.step(key, tree);
      if (!this.#write(object[key])) return false;
    }
    this.#depth--;
    const { shape } = place;
    if (this.#shapes[shape.index] !== shape) {
      shape.index = this.#shapes.length;
      this.#shapes.push(shape);
      this.#progress.shapes++;
    }
    this.#halves[2 * slot + LOW] = shape.index;
    return true;
  }

  #writeText(kind, text) {
    this.#writeSlot(kind, text.length);
    this.#strings.push(text);
    this.#progress.strings++;
    this.#progress.characters += text.length;
  }

  #writeBigint(value) {
    if (BigInt.asIntN(64, value) === value) {
      this.#writeSlot(layout.BIGINT, 0);
      const slot = this.#nextSlot();
      this.#bigints ??= new BigInt64Array(this.#numbers.buffer);
      this.#bigints[slot] = value;
    } else this.#writeText(layout.LONG_BIGINT, value.toString(16));
  }

  #writeStructured(item) {
    const bytes = serialize(item);
    const { byteLength } = bytes;
    if (byteLength < WHOLE_BYTES) this.#pack(STRUCTURED, bytes, byteLength);
    else this.#append(STRUCTURED, bytes);
  }

  #writeBytes(form, bytes) {
    const byteLength = byteLengthOf(bytes);
    if (byteLength < WHOLE_BYTES) this.#pack(form, bytes, byteLength);
    else this.#writeWhole(form, bytesOf(bytes));
  }

  #writeWhole(form, bytes) {
    if (isSharedArrayBuffer(bytes.buffer)) {
      // Other threads may change it at any time.
      this.#append(form, new Uint8Array(bytes));
    } else {
      this.#append(form, bytes);
      this.#progress.mustTake = true;
    }
  }

  #append(form, bytes) {
    this.#writeSlot(layout.WHOLE + form, 0);
    this.#chunks.push(bytes);
    this.#progress.chunks++;
    this.#progress.binaryBytes += bytes.byteLength;
  }

  #pack(form, bytes, byteLength) {
    this.#writeSlot(layout.PACKED + form, byteLength);
    if (byteLength === 0) {
      // Throws if they have gone.
      bytesOf(bytes);
      return;
    }
    const progress = this.#progress;
    if (progress.openBytes + byteLength > CHUNK_BYTES) this.#openBlock();
    this.#blocks[progress.blocks - 1].set(bytes, progress.openBytes);
    progress.openBytes = (progress.openBytes + byteLength + ALIGNMENT - 1) & -ALIGNMENT;
    progress.binaryBytes += byteLength;
  }

  #openBlock() {
    this.#closeBlock();
    const progress = this.#progress;
    const index = progress.blocks++;
    if (index === this.#blocks.length) this.#blocks.push(new Uint8Array(CHUNK_BYTES));
    progress.openChunk = progress.chunks++;
    progress.openBytes = 0;
    this.#chunks.push(this.#blocks[index]);
  }

  /** Its chunk is what it was filled with. If it has to be opened again, it is closed again. */
  #closeBlock() {
    const { blocks, openChunk, openBytes } = this.#progress;
    if (blocks > 0) this.#chunks[openChunk] = this.#blocks[blocks - 1].subarray(0, openBytes);
  }

  #appendShapes() {
    for (const { description } of this.#shapes) this.#writeText(layout.STRING, description);
    this.#writeSlot(layout.UNDEFINED, this.#shapes.length);
  }

  #writeNumber(number) {
    const slot = this.#nextSlot();
    // There are many NaN, and some mean other things here.
    this.#numbers[slot] = Number.isNaN(number) ? Number.NaN : number;
  }

  #writeSlot(kind, content) {
    const slot = this.#nextSlot();
    this.#halves[2 * slot + HIGH] = kind;
    this.#halves[2 * slot + LOW] = content;
    return slot;
  }

  /** May move the column, so it comes before any access to it. */
  #nextSlot() {
    const slot = this.#progress.slots;
    if (slot === this.#numbers.length) this.#allocate(2 * slot);
    this.#progress.slots++;
    return slot;
  }

  /** Room for so many slots, the first of which are those that there are. */
  #allocate(length) {
    const numbers = new Float64Array(length);
    if (this.#progress.slots > 0) numbers.set(this.#numbers);
    this.#numbers = numbers;
    this.#halves = new Int32Array(numbers.buffer);
    this.#bigints = undefined;
  }
}

module.exports = { BatchEncoder };
