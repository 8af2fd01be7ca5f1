'use strict';

// Makes the items of a batch, in the form that layout.js describes.

const { define, makeError, makeException } = require('./builtins.js');
const layout = require('./layout.js');
const { bufferOf, byteLengthOf, lengthOf, offsetOf } = require('./views.js');

const {
  LOW,
  HIGH,
  NUMBER,
  PACKED,
  WHOLE,
  JOINED,
  TRACKS,
  FIXED,
  FORMS,
  ERROR_PARTS,
  ALIGNMENT,
  CHUNK_BYTES,
} = layout;

const { apply } = Reflect;
const { defineProperty } = Object;
const bufferFrom = Buffer.from.bind(Buffer);
const { slice: sliceBuffer } = ArrayBuffer.prototype;
const { set: setTypedArray } = Object.getPrototypeOf(Uint8Array.prototype);
const ObjectPrototype = Object.prototype;
const ArrayPrototype = Array.prototype;

/** The number of kinds in a group. Each group of kinds of bytes has a kind for every form. */
const GROUP = 32;

const UINT8_ARRAY = FORMS.indexOf('Uint8Array');
const ARRAY_BUFFER = FORMS.indexOf('ArrayBuffer');

/** For each form, the function that makes a value of bytes. Without a length, a view has all bytes that follow. */
const makers = FORMS.map(makerOf);

function makerOf(form) {
  switch (form) {
    case 'Buffer':
      return (buffer, offset, byteLength) => bufferFrom(buffer, offset, byteLength);
    case 'ArrayBuffer':
      // The buffer is a chunk of its own, or a copy: the consumer may change it without effect on other items.
      return (buffer, offset, byteLength) =>
        byteLength === byteLengthOf(buffer)
          ? buffer
          : apply(sliceBuffer, buffer, [offset, offset + byteLength]);
    default: {
      const View = globalThis[form];
      const size = View?.BYTES_PER_ELEMENT ?? 1;
      return (buffer, offset, byteLength) =>
        new View(buffer, offset, byteLength === undefined ? undefined : byteLength / size);
    }
  }
}

/** Sets a property of an object that has just been made, whatever its prototype defines for the key. */
function setProperty(object, key, value, prototype) {
  if (!(key in prototype)) {
    object[key] = value;
    return;
  }
  defineProperty(object, key, {
    __proto__: null,
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

/** An object of each shape. Objects are copies of it, so that no setter of a prototype runs for their properties. */
const templates = new Map();
const MOST_TEMPLATES = 1024;

function templateOf(description) {
  const known = templates.get(description);
  if (known !== undefined) return known;
  const keys = JSON.parse(description);
  const object = {};
  for (const key of keys) setProperty(object, key, undefined, ObjectPrototype);
  const template = { keys, object };
  if (templates.size === MOST_TEMPLATES) templates.clear();
  // The description is a part of a longer text, which the map must not keep alive.
  templates.set(JSON.stringify(keys), template);
  return template;
}

class BatchDecoder {
  // biome-ignore lint/correctness/noUnusedPrivateClassMembers: kept, as that of encoder.js
  static #classAnchor = new BatchDecoder(columnOf(new ArrayBuffer(8), 0, 8), 0, 1, [''], []);

  #numbers;
  #halves;
  #bigints;
  #texts;
  #nextText = 0;
  #text = '';
  #character = 0;
  #chunks;
  #nextChunk = 0;
  #open;
  #openBytes = CHUNK_BYTES;
  #shapes = [];
  #slot;
  #end;
  /** The objects of the item in the order in which they begin, if the batch has references. */
  #objects;
  /** The slot of the next joined view, and the memories of all joined views. */
  #joined;
  #memories;

  /** Begins to decode the batch in the slots of a column from `first` to `end`. */
  constructor({ numbers, halves, bigints }, first, end, texts, chunks) {
    this.#numbers = numbers;
    this.#halves = halves;
    this.#bigints = bigints;
    this.#slot = first;
    this.#texts = texts;
    this.#chunks = chunks;
    this.#end = end - 1;
    const count = halves[2 * this.#end + LOW];
    const flags = halves[2 * this.#end + HIGH];
    if ((flags & layout.HAS_JOINED) !== 0) this.#readJoined(count);
    else if (count > 0) this.#readShapes(count);
    if ((flags & layout.HAS_REFERENCES) !== 0) this.#objects = [];
  }

  decode(items) {
    while (this.#slot < this.#end) {
      if (this.#objects !== undefined) this.#objects = [];
      items.push(this.#read());
    }
  }

  #readJoined(shapeCount) {
    const memoryCount = this.#numbers[--this.#end];
    const joinedCount = this.#numbers[--this.#end];
    this.#readShapes(shapeCount);
    const firstChunk = this.#chunks.length - memoryCount;
    this.#end -= 2 * memoryCount;
    this.#memories = [];
    for (let index = 0; index < memoryCount; index++) {
      const length = this.#numbers[this.#end + 2 * index];
      const maximum = this.#numbers[this.#end + 2 * index + 1];
      this.#memories.push(memoryOf(this.#chunks[firstChunk + index], length, maximum));
    }
    this.#end -= 3 * joinedCount;
    this.#joined = this.#end;
  }

  #readShapes(count) {
    this.#end -= count;
    let last = this.#texts.length - 1;
    let end = this.#texts[last]?.length;
    for (let index = count - 1; index >= 0; index--) {
      if (end === 0) end = this.#texts[--last].length;
      const start = end - this.#numbers[this.#end + index];
      this.#shapes[index] = templateOf(this.#texts[last].substring(start, end));
      end = start;
    }
  }

  #read() {
    const slot = this.#slot++;
    const kind = this.#halves[2 * slot + HIGH];
    if (kind <= NUMBER) return this.#numbers[slot];
    const content = this.#halves[2 * slot + LOW];
    switch (kind) {
      case layout.UNDEFINED:
        return undefined;
      case layout.NULL:
        return null;
      case layout.FALSE:
        return false;
      case layout.TRUE:
        return true;
      case layout.STRING:
        return this.#readText(content);
      case layout.OBJECT:
        return this.#readObject(this.#shapes[content]);
      case layout.ARRAY:
        return this.#readArray(content);
      case layout.BIGINT:
        return this.#readBigint();
      case layout.LONG_BIGINT: {
        const digits = this.#readText(content);
        return digits[0] === '-' ? -BigInt(`0x${digits.substring(1)}`) : BigInt(`0x${digits}`);
      }
      case layout.REFERENCE:
        return this.#objects[content];
      default:
        return kind < PACKED ? this.#readRare(kind, content) : this.#readBytes(kind, content);
    }
  }

  #readRare(kind, content) {
    switch (kind) {
      case layout.LONG_OBJECT:
        return this.#readLongObject(this.#shapes[content]);
      case layout.SPARSE:
        return this.#readSparse(content);
      case layout.MAP:
        return this.#readMap(content);
      case layout.SET:
        return this.#readSet(content);
      case layout.DATE:
        return this.#keep(new Date(this.#numbers[this.#slot++]));
      case layout.REGEXP:
        return this.#readRegExp();
      case layout.BOXED:
        return this.#keep(Object(this.#read()));
      case layout.ERROR:
        return this.#readError(content);
      case layout.DOM_EXCEPTION:
        return this.#readException();
    }
  }

  /** Makes an object known to the references that follow. Has to run before the objects in it are read. */
  #keep(object) {
    this.#objects?.push(object);
    return object;
  }

  #readText(length) {
    if (length === 0) return '';
    if (this.#character + length > this.#text.length) {
      this.#text = this.#texts[this.#nextText++];
      this.#character = 0;
    }
    const start = this.#character;
    this.#character = start + length;
    return this.#text.substring(start, this.#character);
  }

  #readBigint() {
    return this.#bigints[this.#slot++];
  }

  #readArray(length) {
    const array = [];
    if (this.#objects !== undefined) this.#objects.push(array);
    for (let index = 0; index < length; index++) {
      if (this.#halves[2 * this.#slot + HIGH] === layout.ABSENT) {
        this.#slot++;
        array.length = index + 1;
      } else array.push(this.#read());
    }
    return array;
  }

  #readSparse(count) {
    const array = this.#keep([]);
    array.length = this.#numbers[this.#slot++];
    this.#readPairs(array, count, ArrayPrototype);
    return array;
  }

  #readObject({ keys, object: template }) {
    const object = { ...template };
    if (this.#objects !== undefined) this.#objects.push(object);
    for (let index = 0; index < keys.length; index++) object[keys[index]] = this.#read();
    return object;
  }

  #readLongObject(shape) {
    const object = this.#readObject(shape);
    const count = this.#halves[2 * this.#slot++ + LOW];
    this.#readPairs(object, count, ObjectPrototype);
    return object;
  }

  #readPairs(object, count, prototype) {
    for (let index = 0; index < count; index++) {
      const key = this.#read();
      setProperty(object, key, this.#read(), prototype);
    }
  }

  #readMap(size) {
    const map = this.#keep(new Map());
    for (let index = 0; index < size; index++) {
      const key = this.#read();
      map.set(key, this.#read());
    }
    return map;
  }

  #readSet(size) {
    const set = this.#keep(new Set());
    for (let index = 0; index < size; index++) set.add(this.#read());
    return set;
  }

  #readRegExp() {
    const source = this.#read();
    return this.#keep(new RegExp(source, this.#read()));
  }

  #readError(content) {
    const error = this.#keep(makeError(content & 0xff));
    for (let index = 0; index < ERROR_PARTS.length; index++) {
      if ((content & (1 << (8 + index))) !== 0) define(error, ERROR_PARTS[index], this.#read());
    }
    return error;
  }

  #readException() {
    const message = this.#read();
    const name = this.#read();
    return this.#keep(makeException(message, name, this.#read()));
  }

  #readBytes(kind, byteLength) {
    const form = (kind - NUMBER) % GROUP;
    const group = kind - form;
    const isWhole = group === WHOLE || group === WHOLE + JOINED;
    let buffer;
    let start = 0;
    if (isWhole) buffer = this.#chunks[this.#nextChunk++];
    else if (byteLength > 0) {
      start = this.#skipPacked(byteLength);
      buffer = this.#open;
    }
    if (group > WHOLE) return this.#keep(this.#readJoinedView(form));
    if (form === UINT8_ARRAY && byteLength > 0) {
      return this.#keep(new Uint8Array(buffer, start, byteLength));
    }
    return this.#keep(makers[form](buffer ?? new ArrayBuffer(0), start, byteLength));
  }

  /** Returns the offset of packed bytes in the open chunk, and moves on behind them. */
  #skipPacked(byteLength) {
    if (this.#openBytes + byteLength > CHUNK_BYTES) {
      this.#open = this.#chunks[this.#nextChunk++];
      this.#openBytes = 0;
    }
    const start = this.#openBytes;
    this.#openBytes = (start + byteLength + ALIGNMENT - 1) & -ALIGNMENT;
    return start;
  }

  #readJoinedView(form) {
    const entry = this.#joined;
    this.#joined += 3;
    const memory = this.#memories[this.#numbers[entry]];
    if (form === ARRAY_BUFFER) return memory;
    const length = this.#numbers[entry + 2];
    return makers[form](memory, this.#numbers[entry + 1], length === TRACKS ? undefined : length);
  }
}

/** Returns the memory of joined views: its chunk, or a buffer that can be resized as the sender's buffer can. */
function memoryOf(chunk, length, maximum) {
  if (maximum === FIXED) return chunk;
  const memory = new ArrayBuffer(length, { maxByteLength: maximum });
  if (length > 0) apply(setTypedArray, new Uint8Array(memory), [new Uint8Array(chunk)]);
  return memory;
}

/** Returns the three views of a column. */
function columnOf(buffer, byteOffset, byteLength) {
  const length = byteLength / 8;
  return {
    numbers: new Float64Array(buffer, byteOffset, length),
    halves: new Int32Array(buffer, byteOffset, 2 * length),
    bigints: new BigInt64Array(buffer, byteOffset, length),
  };
}

/** Appends the items of a batch, whose head is a Uint8Array, to an array. Their bytes are views of the chunks. */
function decodeBatch(head, texts, chunks, items) {
  const byteLength = lengthOf(head, UINT8_ARRAY);
  const column = columnOf(bufferOf(head, UINT8_ARRAY), offsetOf(head, UINT8_ARRAY), byteLength);
  new BatchDecoder(column, 0, byteLength / 8, texts, chunks).decode(items);
}

/** Memory for heads, which many batches use one after the other. No property of it is read through a prototype. */
class Scratch {
  #column;
  bytes;

  constructor(byteLength) {
    const buffer = new ArrayBuffer(byteLength);
    this.#column = columnOf(buffer, 0, byteLength);
    this.bytes = bufferFrom(buffer, 0, byteLength);
  }

  /** Appends the items of a batch, as decodeBatch() does. The head is in the slots from `first` to `end`. */
  decode(first, end, texts, chunks, items) {
    new BatchDecoder(this.#column, first, end, texts, chunks).decode(items);
  }
}

module.exports = { Scratch, decodeBatch };
