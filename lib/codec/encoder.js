'use strict';

// Makes batches of items, as layout.js describes them, by the rules of the structured clone algorithm
// (https://html.spec.whatwg.org/multipage/structured-data.html). An item is copied when it is encoded, in one
// pass. Each getter runs once, and changes nothing that was read before it.

const { isProxy } = require('node:util/types');
const { dataDescriptorOf, readException, readRegExp, unbox } = require('./builtins.js');
const { BatchBytes } = require('./bytes.js');
const { Kind, expectCloneable, isMarked, kindOf, slotKindOf } = require('./kinds.js');
const layout = require('./layout.js');
const { DataCloneError, refuse } = require('./refusal.js');
const { References, ShapeTree } = require('./repeats.js');
const { formOf } = require('./views.js');

const { LOW, HIGH, PIECE_CHARACTERS, WHOLE_BYTES, ERRORS, ERROR_PARTS, FORMS } = layout;

/** The number of slots that a batch begins with, and the most that stay with the encoder between two batches. */
const FIRST_SLOTS = 32;
const MOST_KEPT_SLOTS = 32 * 1024;

/**
 * The greatest depth of objects within each other. A reader may have less stack than the writer: a main thread has
 * 984 KiB, a worker 4 MiB.
 */
const DEEPEST = 1024;

const { apply } = Reflect;
const { getOwnPropertyDescriptor, hasOwn, keys: keysOf } = Object;
const { isArray } = Array;
const { isView } = ArrayBuffer;
const { asIntN } = BigInt;
const ObjectPrototype = Object.prototype;
const { PLAIN } = Kind;
const { getTime } = Date.prototype;
const { toString: digitsOf } = BigInt.prototype;
const { forEach: forEachInMap } = Map.prototype;
const { forEach: forEachInSet } = Set.prototype;
const { set: setTypedArray } = Object.getPrototypeOf(Uint8Array.prototype);

const ARRAY_BUFFER = FORMS.indexOf('ArrayBuffer');

/** Returns whether `for in` finds inherited properties in plain objects. */
function isPolluted() {
  for (const _ in ObjectPrototype) return true;
  return false;
}

/** Returns whether an array has all its elements, and no other properties. */
function isDense(keys, length) {
  return keys.length === length && (length === 0 || keys[length - 1] === `${length - 1}`);
}

/** Throws for a getter of an item that sends another item, which would be encoded within the first. */
function refuseReentry() {
  throw new DOMException('The getter of an item sends another item', 'InvalidStateError');
}

class BatchEncoder {
  /** An instance that always exists: V8 drops the optimized code of a class if a full collection finds no instance. */
  static #classAnchor = new BatchEncoder();

  #count = 0;
  /** The column, and three views of it: numbers, halves of slots, and integers. */
  #column;
  #numbers;
  #halves;
  #bigints;
  #capacity = 0;
  #slots = 0;
  #strings = [];
  #stringCount = 0;
  #shapes = [];
  #shapeCount = 0;
  /** The weight of the batch without its slots. */
  #weight = 0;
  #bytes = new BatchBytes();
  /** Whether a part of the item is memory of the program, which must be copied before its code can run. */
  #borrows = false;
  /** Whether the item has views or buffers. */
  #hasBytes = false;
  #hasReferences = false;

  /** The values before the item that is being encoded. */
  #slotsBefore = 0;
  #stringsBefore = 0;
  #shapesBefore = 0;
  #weightBefore = 0;
  /** Whether an item has begun and has not ended. If it is not being encoded, it has failed and is void. */
  #isOpen = false;
  #isEncoding = false;

  #tree = new ShapeTree();
  #references = new References();
  #depth = 0;
  #isPolluted = false;

  static {
    BatchEncoder.#classAnchor.#warmUpRarePaths();
  }

  constructor() {
    this.#allocate(FIRST_SLOTS);
  }

  /**
   * Runs the rare paths once at the start. Otherwise they would first run when V8 has just compiled the frequent paths,
   * and V8 would discard that code. V8 compiles a field that no instance has changed as a constant, and code that it
   * has not seen run as code that never runs. V8 takes calls into account from about the tenth on.
   */
  #warmUpRarePaths() {
    for (let round = 0; round < 20; round++) {
      this.#begin();
      this.#allocate(2 * FIRST_SLOTS);
      this.#bigints = new BigInt64Array(this.#column);
      this.#indexOf(this.#tree.root.shape);
      this.#count = 1;
      this.#slots = 1;
      this.#stringCount = 1;
      this.#depth = 1;
      this.#borrows = true;
      this.#hasBytes = true;
      this.#hasReferences = true;
      this.#isEncoding = true;
      this.#isPolluted = true;
      this.#begin();
      this.#isEncoding = false;
      this.#isPolluted = false;
      this.#rollBack();
      this.#clear();
    }
  }

  get count() {
    return this.#count;
  }

  get bytes() {
    if (this.#isOpen && !this.#isEncoding) this.#rollBack();
    return 8 * this.#slots + this.#weight;
  }

  /** Reports whether memory of the program was not copied. If so, take() must come before the program can change it. */
  get mustTake() {
    if (this.#isOpen && !this.#isEncoding) this.#rollBack();
    return this.#bytes.borrows;
  }

  /** Reports whether a getter of an item is running. */
  get isEncoding() {
    return this.#isEncoding;
  }

  /** Appends a copy of the item, and returns its weight in bytes. If it throws, it has appended nothing. */
  encode(item) {
    if (this.#isEncoding) refuseReentry();
    if (this.#isOpen) this.#rollBack();
    // A number is so cheap that the steps for other items would be half of its cost.
    if (typeof item === 'number') {
      this.#writeNumber(item);
      this.#count++;
      return 8;
    }
    this.#begin();
    if (typeof item === 'object' && item !== null) this.#encodeObject(item);
    else this.#write(item);
    this.#isOpen = false;
    this.#count++;
    return 8 * (this.#slots - this.#slotsBefore) + this.#weight - this.#weightBefore;
  }

  /** Returns the batch so far. It may use memory that the next encode() overwrites. */
  take() {
    if (this.#isEncoding) refuseReentry();
    if (this.#isOpen) this.#rollBack();
    const { bytes } = this;
    this.#begin();
    const { chunks, memories, joined } = this.#bytes.take();
    this.#writeEnd(memories, joined);
    const batch = {
      count: this.#count,
      bytes,
      head: new Uint8Array(this.#column, 0, 8 * this.#slots),
      texts: this.#joinTexts(),
      chunks,
    };
    if (this.#capacity > MOST_KEPT_SLOTS) {
      this.#slots = 0;
      this.#allocate(FIRST_SLOTS);
    }
    this.#clear();
    return batch;
  }

  /** Remembers where an item begins. Until the item ends, #rollBack() can remove it. */
  #begin() {
    this.#slotsBefore = this.#slots;
    this.#stringsBefore = this.#stringCount;
    this.#shapesBefore = this.#shapeCount;
    this.#weightBefore = this.#weight;
    this.#isOpen = true;
  }

  #encodeObject(item) {
    this.#isPolluted = isPolluted();
    this.#isEncoding = true;
    try {
      this.#writeObject(item);
    } finally {
      this.#isEncoding = false;
    }
    if (this.#hasBytes) this.#join();
    this.#references.clear();
  }

  /** Removes the parts of an item that has failed. Runs late, because any call fails while the stack is full. */
  #rollBack() {
    this.#references.clear();
    this.#bytes.rollBack();
    this.#borrows = false;
    this.#hasBytes = false;
    this.#depth = 0;
    this.#slots = this.#slotsBefore;
    this.#stringCount = this.#stringsBefore;
    this.#shapeCount = this.#shapesBefore;
    this.#weight = this.#weightBefore;
    this.#isOpen = false;
  }

  #clear() {
    this.#bytes.clear();
    this.#tree.renew();
    this.#count = 0;
    this.#slots = 0;
    this.#strings.length = 0;
    this.#stringCount = 0;
    this.#shapes.length = 0;
    this.#shapeCount = 0;
    this.#weight = 0;
    this.#hasReferences = false;
    this.#isOpen = false;
  }

  #write(value) {
    switch (typeof value) {
      case 'number':
        this.#writeNumber(value);
        return;
      case 'string':
        this.#writeText(layout.STRING, value);
        return;
      case 'boolean':
        this.#writeSlot(value ? layout.TRUE : layout.FALSE, 0);
        return;
      case 'undefined':
        this.#writeSlot(layout.UNDEFINED, 0);
        return;
      case 'object':
        if (value === null) this.#writeSlot(layout.NULL, 0);
        else this.#writeObject(value);
        return;
      case 'bigint':
        this.#writeBigint(value);
        return;
      case 'function':
      case 'symbol':
        refuse(value);
    }
  }

  #writeObject(object) {
    const index = this.#references.find(object);
    if (index !== -1) {
      this.#writeSlot(layout.REFERENCE, index);
      this.#hasReferences = true;
      return;
    }
    // A proxy hides the kind of its target, and its traps must not run.
    if (isProxy(object) || isMarked(object)) refuse(object);
    if (isView(object)) {
      const form = formOf(object);
      this.#writeBytes(form, this.#bytes.addView(object, form, this.#slots));
      return;
    }
    if (this.#depth === DEEPEST) {
      throw new DataCloneError('The item is nested too deep to be cloned.');
    }
    this.#depth++;
    if (isArray(object)) this.#writeArray(object);
    else {
      const kind = kindOf(object);
      if (kind === PLAIN && !this.#isPolluted) this.#writePlain(object);
      else this.#writeKind(object, kind);
    }
    this.#depth--;
  }

  #writeKind(object, kind) {
    switch (kind) {
      case Kind.PLAIN:
      case Kind.INSTANCE:
        this.#writeInstance(object);
        return;
      case Kind.MAP:
        this.#writeMap(object);
        return;
      case Kind.SET:
        this.#writeSet(object);
        return;
      case Kind.DATE:
        this.#writeSlot(layout.DATE, 0);
        this.#writeNumber(apply(getTime, object, []));
        return;
      case Kind.BUFFER:
        this.#writeBytes(ARRAY_BUFFER, this.#bytes.addBuffer(object, this.#slots));
        return;
      case Kind.ERROR:
        this.#writeError(object);
        return;
      case Kind.EXCEPTION:
        this.#writeException(object);
        return;
      case Kind.REGEXP: {
        const { source, flags } = readRegExp(object);
        this.#writeSlot(layout.REGEXP, 0);
        this.#write(source);
        this.#write(flags);
        return;
      }
      case Kind.BOXED:
        this.#writeSlot(layout.BOXED, 0);
        this.#write(unbox(object));
        return;
    }
  }

  /** Writes an object that has no enumerable properties except its own. */
  #writePlain(object) {
    const slot = this.#writeSlot(layout.OBJECT, 0);
    const tree = this.#tree;
    let node = tree.root;
    let count = 0;
    let counter = -1;
    for (const key in object) {
      if (counter === -1) {
        const next = node.nextKey === key ? node.next : node.step(key, tree);
        if (next === undefined) counter = this.#beginPairs(slot);
        else node = next;
      }
      if (counter !== -1) this.#writePair(counter, key);
      const value = this.#borrows ? this.#readAfterCopy(object, key) : object[key];
      if (typeof value === 'number') this.#writeNumber(value);
      else this.#write(value);
      count++;
    }
    if (count === 0 && this.#writeDisguised(object, slot)) return;
    this.#halves[2 * slot + LOW] = this.#indexOf(node.shape);
  }

  /** Writes an object without properties again, from its slot on, unless it is plain. Returns whether it has. */
  #writeDisguised(object, slot) {
    const kind = slotKindOf(object, ObjectPrototype);
    if (kind === Kind.INSTANCE) return false;
    this.#slots = slot;
    this.#writeKind(object, kind);
    return true;
  }

  /** Writes an object by its own properties. Asks no prototype, because that may be a proxy. */
  #writeInstance(object) {
    const slot = this.#writeSlot(layout.OBJECT, 0);
    const tree = this.#tree;
    let node = tree.root;
    let counter = -1;
    const keys = keysOf(object);
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index];
      // A getter may have deleted the property.
      if (!hasOwn(object, key)) continue;
      if (counter === -1) {
        const next = node.nextKey === key ? node.next : node.step(key, tree);
        if (next === undefined) counter = this.#beginPairs(slot);
        else node = next;
      }
      if (counter !== -1) this.#writePair(counter, key);
      this.#write(this.#borrows ? this.#readAfterCopy(object, key) : object[key]);
    }
    if (keys.length === 0) expectCloneable(object);
    this.#halves[2 * slot + LOW] = this.#indexOf(node.shape);
  }

  /** Begins to write the rest of an object's properties as pairs. Returns the slot that counts the pairs. */
  #beginPairs(slot) {
    this.#halves[2 * slot + HIGH] = layout.LONG_OBJECT;
    return this.#writeSlot(layout.UNDEFINED, 0);
  }

  /** Writes the key of a pair, and counts the pair. */
  #writePair(counter, key) {
    this.#halves[2 * counter + LOW]++;
    this.#writeText(layout.STRING, key);
  }

  /** Reads a property. Copies borrowed memory of the item first if a getter, which could change it, may run. */
  #readAfterCopy(object, key) {
    const descriptor = getOwnPropertyDescriptor(object, key);
    if (descriptor !== undefined && !hasOwn(descriptor, 'value')) this.#copyBorrowed();
    return object[key];
  }

  #copyBorrowed() {
    this.#bytes.settle();
    this.#borrows = false;
  }

  #writeArray(array) {
    const { length } = array;
    const keys = keysOf(array);
    if (!isDense(keys, length)) {
      this.#writeSparse(array, length, keys);
      return;
    }
    this.#writeSlot(layout.ARRAY, length);
    for (let index = 0; index < length; index++) {
      const element = this.#borrows ? this.#readAfterCopy(array, index) : array[index];
      // As in encode().
      if (typeof element === 'number') this.#writeNumber(element);
      else if (element === undefined && !hasOwn(array, index)) this.#writeSlot(layout.ABSENT, 0);
      else this.#write(element);
    }
  }

  #writeSparse(array, length, keys) {
    const counter = this.#writeSlot(layout.SPARSE, 0);
    this.#writeNumber(length);
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index];
      if (!hasOwn(array, key)) continue;
      this.#writePair(counter, key);
      this.#write(this.#borrows ? this.#readAfterCopy(array, key) : array[key]);
    }
  }

  #writeMap(map) {
    const entries = [];
    apply(forEachInMap, map, [
      (value, key) => {
        entries.push(key, value);
      },
    ]);
    this.#writeSlot(layout.MAP, entries.length / 2);
    for (let index = 0; index < entries.length; index++) this.#write(entries[index]);
  }

  #writeSet(set) {
    const elements = [];
    apply(forEachInSet, set, [
      (element) => {
        elements.push(element);
      },
    ]);
    this.#writeSlot(layout.SET, elements.length);
    for (let index = 0; index < elements.length; index++) this.#write(elements[index]);
  }

  /** Writes an error. Its name decides the class. Its name, message and stack may run code of the program. */
  #writeError(error) {
    if (this.#borrows) this.#copyBorrowed();
    const message = dataDescriptorOf(error, 'message');
    const cause = dataDescriptorOf(error, 'cause');
    const slot = this.#writeSlot(layout.ERROR, 0);
    const name = `${error.name}`;
    if (message !== undefined) this.#writeText(layout.STRING, `${message.value}`);
    if (cause !== undefined) this.#write(cause.value);
    if (this.#borrows) this.#copyBorrowed();
    const { stack } = error;
    if (typeof stack === 'string') this.#writeText(layout.STRING, stack);
    const parts = [message !== undefined, cause !== undefined, typeof stack === 'string'];
    let content = Math.max(0, ERRORS.indexOf(name));
    for (let index = 0; index < ERROR_PARTS.length; index++) {
      if (parts[index]) content |= 1 << (8 + index);
    }
    this.#halves[2 * slot + LOW] = content;
  }

  #writeException(exception) {
    if (this.#borrows) this.#copyBorrowed();
    const { message, name, stack } = readException(exception);
    this.#writeSlot(layout.DOM_EXCEPTION, 0);
    this.#writeText(layout.STRING, message);
    this.#writeText(layout.STRING, name);
    this.#write(typeof stack === 'string' ? stack : undefined);
  }

  #writeText(kind, text) {
    const { length } = text;
    this.#writeSlot(kind, length);
    this.#weight += length;
    if (length > 0) this.#strings[this.#stringCount++] = text;
  }

  /** Returns the strings as texts. Each text holds as many strings as fit, and is never empty. */
  #joinTexts() {
    const strings = this.#strings;
    const count = this.#stringCount;
    if (strings.length > count) strings.length = count;
    if (count === 0) return [];
    if (this.#weight <= PIECE_CHARACTERS) return [strings.join('')];
    const texts = [];
    let first = 0;
    let characters = 0;
    for (let index = 0; index < count; index++) {
      const { length } = strings[index];
      if (characters + length > PIECE_CHARACTERS && index > first) {
        texts.push(strings.slice(first, index).join(''));
        first = index;
        characters = 0;
      }
      characters += length;
    }
    texts.push(strings.slice(first).join(''));
    return texts;
  }

  #writeBigint(value) {
    if (asIntN(64, value) === value) {
      this.#writeSlot(layout.BIGINT, 0);
      const slot = this.#writeSlot(layout.UNDEFINED, 0);
      this.#bigints ??= new BigInt64Array(this.#column);
      this.#bigints[slot] = value;
    } else this.#writeText(layout.LONG_BIGINT, apply(digitsOf, value, [16]));
  }

  #writeBytes(form, length) {
    const isWhole = length >= WHOLE_BYTES;
    this.#writeSlot((isWhole ? layout.WHOLE : layout.PACKED) + form, length);
    this.#weight += length;
    this.#hasBytes = true;
    if (isWhole) this.#borrows = true;
  }

  /** Ends the bytes of an item. Marks the views that the decoder has to give the same memory again. */
  #join() {
    const { slots, weight } = this.#bytes.finishItem();
    for (let index = 0; index < slots.length; index++) {
      this.#halves[2 * slots[index] + HIGH] += layout.JOINED;
    }
    this.#weight += weight;
    this.#borrows = false;
    this.#hasBytes = false;
  }

  /** Returns the index of a shape in this batch. */
  #indexOf(shape) {
    const { index } = shape;
    if (index < this.#shapeCount && this.#shapes[index] === shape) return index;
    shape.index = this.#shapeCount;
    this.#shapes[this.#shapeCount++] = shape;
    this.#weight += shape.description.length;
    return shape.index;
  }

  #writeEnd(memories, joined) {
    for (const { memory, offset, length } of joined) {
      this.#writeNumber(memory);
      this.#writeNumber(offset);
      this.#writeNumber(length);
    }
    for (const { bytes, maximum } of memories) {
      this.#writeNumber(bytes.length);
      this.#writeNumber(maximum);
    }
    for (let index = 0; index < this.#shapeCount; index++) {
      const { description } = this.#shapes[index];
      this.#writeNumber(description.length);
      this.#strings[this.#stringCount++] = description;
    }
    let flags = 0;
    if (this.#hasReferences) flags |= layout.HAS_REFERENCES;
    if (memories.length > 0) {
      flags |= layout.HAS_JOINED;
      this.#writeNumber(joined.length);
      this.#writeNumber(memories.length);
    }
    this.#writeSlot(flags, this.#shapeCount);
  }

  // Both of these methods take a slot themselves, because one call fewer saves a tenth of a new worker's time. To
  // allocate replaces the column, so that comes first.

  #writeNumber(number) {
    const slot = this.#slots;
    if (slot === this.#capacity) this.#allocate(2 * slot);
    this.#slots = slot + 1;
    // Many bit patterns are NaN, and some have another meaning here.
    // biome-ignore lint/suspicious/noSelfCompare: faster than Number.isNaN() before it is compiled
    this.#numbers[slot] = number === number ? number : Number.NaN;
  }

  #writeSlot(kind, content) {
    const slot = this.#slots;
    if (slot === this.#capacity) this.#allocate(2 * slot);
    this.#slots = slot + 1;
    this.#halves[2 * slot + HIGH] = kind;
    this.#halves[2 * slot + LOW] = content;
    return slot;
  }

  /** Gives the column another length. Keeps the slots that were written. */
  #allocate(length) {
    const column = new ArrayBuffer(8 * length);
    const numbers = new Float64Array(column);
    const halves = new Int32Array(column);
    if (this.#slots > 0) apply(setTypedArray, numbers, [this.#numbers]);
    this.#column = column;
    this.#numbers = numbers;
    this.#halves = halves;
    this.#bigints = undefined;
    this.#capacity = length;
  }
}

module.exports = { BatchEncoder };
