'use strict';

// Makes the items of a batch, as layout.js describes it.

const layout = require('./layout.js');
const { deserialize } = require('./structured.js');

const { LOW, HIGH, NUMBER, PACKED, WHOLE, FORMS, ALIGNMENT, CHUNK_BYTES } = layout;

const UINT8_ARRAY = FORMS.indexOf('Uint8Array');

/** How the bytes of a form become a value, by its index. */
const makers = FORMS.map(makerOf);

function makerOf(form) {
  switch (form) {
    case 'Buffer':
      return (buffer, offset, byteLength) => Buffer.from(buffer, offset, byteLength);
    case 'ArrayBuffer':
      // It is its own chunk, or a copy: nobody else must see what is done to it.
      return (buffer, offset, byteLength) =>
        byteLength === buffer.byteLength ? buffer : buffer.slice(offset, offset + byteLength);
    case 'structured':
      return (buffer, offset, byteLength) => deserialize(Buffer.from(buffer, offset, byteLength));
    default: {
      const View = globalThis[form];
      const size = View?.BYTES_PER_ELEMENT ?? 1;
      return (buffer, offset, byteLength) => new View(buffer, offset, byteLength / size);
    }
  }
}

/** An object of each shape, to be copied. Nobody's setter runs when its own keys are set. */
const templates = new Map();
const MOST_TEMPLATES = 1024;

function templateOf(description) {
  const known = templates.get(description);
  if (known !== undefined) return known;
  const keys = JSON.parse(description);
  const template = { keys, object: Object.fromEntries(keys.map((key) => [key, undefined])) };
  if (templates.size === MOST_TEMPLATES) templates.clear();
  templates.set(description, template);
  return template;
}

class BatchDecoder {
  // biome-ignore lint/correctness/noUnusedPrivateClassMembers: kept, as that of encoder.js
  static #eternal = new BatchDecoder(new Float64Array(1), new Int32Array(2), 0, 1, '', []);

  #numbers;
  #halves;
  #text;
  #chunks;
  #shapes = [];
  #slot;
  #end;
  #character = 0;
  #nextChunk = 0;
  #open;
  #openBytes = CHUNK_BYTES;

  /** Of the slots from `first` to `end`, which are seen as numbers and as halves. */
  constructor(numbers, halves, first, end, text, chunks) {
    this.#numbers = numbers;
    this.#halves = halves;
    this.#slot = first;
    this.#text = text;
    this.#chunks = chunks;
    this.#end = end - 1;
    const count = halves[2 * this.#end + LOW];
    if (count > 0) this.#readShapes(count);
  }

  decode(items) {
    while (this.#slot < this.#end) items.push(this.#read());
  }

  #readShapes(count) {
    this.#end -= count;
    let end = this.#text.length;
    for (let index = count - 1; index >= 0; index--) {
      const start = end - this.#halves[2 * (this.#end + index) + LOW];
      this.#shapes[index] = templateOf(this.#text.substring(start, end));
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
      case layout.DATE:
        return new Date(this.#numbers[this.#slot++]);
      case layout.BIGINT:
        return this.#readBigint();
      case layout.LONG_BIGINT: {
        const digits = this.#readText(content);
        return digits[0] === '-' ? -BigInt(`0x${digits.substring(1)}`) : BigInt(`0x${digits}`);
      }
      case layout.ARRAY:
        return this.#readArray(content);
      case layout.OBJECT:
        return this.#readObject(this.#shapes[content]);
      default:
        return kind < WHOLE
          ? this.#readPacked(kind - PACKED, content)
          : this.#readWhole(kind - WHOLE);
    }
  }

  #readText(length) {
    const start = this.#character;
    this.#character += length;
    return this.#text.substring(start, this.#character);
  }

  #readBigint() {
    const { buffer, byteOffset } = this.#numbers;
    return new BigInt64Array(buffer, byteOffset + 8 * this.#slot++, 1)[0];
  }

  #readArray(length) {
    const array = [];
    for (let index = 0; index < length; index++) array.push(this.#read());
    return array;
  }

  #readObject({ keys, object: template }) {
    const object = { ...template };
    for (let index = 0; index < keys.length; index++) object[keys[index]] = this.#read();
    return object;
  }

  #readPacked(form, byteLength) {
    if (byteLength === 0) return makers[form](new ArrayBuffer(0), 0, 0);
    if (this.#openBytes + byteLength > CHUNK_BYTES) {
      this.#open = this.#chunks[this.#nextChunk++];
      this.#openBytes = 0;
    }
    const start = this.#openBytes;
    this.#openBytes = (start + byteLength + ALIGNMENT - 1) & -ALIGNMENT;
    if (form === UINT8_ARRAY) return new Uint8Array(this.#open, start, byteLength);
    return makers[form](this.#open, start, byteLength);
  }

  #readWhole(form) {
    const chunk = this.#chunks[this.#nextChunk++];
    return makers[form](chunk, 0, chunk.byteLength);
  }
}

/** Appends the items of a batch to an array. Their bytes are views of the chunks. */
function decodeBatch({ buffer, byteOffset, byteLength }, text, chunks, items) {
  const numbers = new Float64Array(buffer, byteOffset, byteLength / 8);
  const halves = new Int32Array(buffer, byteOffset, byteLength / 4);
  new BatchDecoder(numbers, halves, 0, numbers.length, text, chunks).decode(items);
}

/** Memory for heads, which many batches use one after the other. */
class Scratch {
  #numbers;
  #halves;
  bytes;

  constructor(byteLength) {
    this.#numbers = new Float64Array(byteLength / 8);
    this.#halves = new Int32Array(this.#numbers.buffer);
    this.bytes = Buffer.from(this.#numbers.buffer);
  }

  /** As decodeBatch, of a head in slots of the scratch. */
  decode(first, end, text, chunks, items) {
    new BatchDecoder(this.#numbers, this.#halves, first, end, text, chunks).decode(items);
  }
}

module.exports = { Scratch, decodeBatch };
