'use strict';

// A buffer that an item contains, either itself or through views of it.
//
// Views of one buffer arrive as views of one buffer, which holds the part that they span. Node's Buffers are
// different: many of them are parts of one pool by chance, so they belong together only if they overlap.

const { ALIGNMENT, FIXED, FORMS, TRACKS } = require('./layout.js');
const { byteLengthOf, isResizable, maximumOf } = require('./views.js');

const { apply } = Reflect;
const { set, slice, subarray } = Object.getPrototypeOf(Uint8Array.prototype);

const BUFFER = FORMS.indexOf('Buffer');

/** A view in an item, or a whole buffer. */
class Part {
  slot = 0;
  form = 0;
  buffer = undefined;
  start = 0;
  length = 0;
  /** The block or chunk that holds its bytes, and the index at which they begin there. */
  source = undefined;
  sourceStart = 0;
  /** Whether its length follows the length of its buffer. */
  tracks = false;

  get end() {
    return this.start + this.length;
  }

  overlaps({ start, end }) {
    return this.start < end && start < this.end;
  }

  copyTo(bytes, offset) {
    if (this.length === 0) return;
    const { source, sourceStart, length } = this;
    apply(set, bytes, [apply(subarray, source, [sourceStart, sourceStart + length]), offset]);
  }
}

const belongTogether = (one, other) =>
  one.form !== BUFFER || other.form !== BUFFER || one.overlaps(other);

class ItemBuffer {
  #buffer;
  /** A copy of the whole buffer as it was found, if it can be resized. */
  #copy = undefined;
  #maximum = FIXED;
  #first;
  #others = undefined;
  isJoined = false;

  constructor(first) {
    const { buffer } = first;
    this.#buffer = buffer;
    this.#first = first;
    if (!isResizable(buffer)) return;
    this.isJoined = true;
    this.#maximum = maximumOf(buffer);
    this.#copy = apply(slice, new Uint8Array(buffer), []);
  }

  get buffer() {
    return this.#buffer;
  }

  get parts() {
    return this.#others === undefined ? [this.#first] : [this.#first, ...this.#others];
  }

  add(part) {
    if (!this.isJoined) this.isJoined = this.parts.some((other) => belongTogether(other, part));
    this.#others ??= [];
    this.#others.push(part);
  }

  /** Returns the memory that crosses for all parts, and an entry of the joined views for each part. */
  join(index) {
    const { parts } = this;
    let start = 0;
    let bytes = this.#copy;
    if (bytes === undefined) {
      const first = parts.reduce((least, part) => Math.min(least, part.start), parts[0].start);
      // The distance to a multiple of ALIGNMENT stays, because an element has to begin at a multiple of its size.
      start = first - (first % ALIGNMENT);
      bytes = this.#span(start);
    }
    const entries = parts.map((part) => ({
      slot: part.slot,
      memory: index,
      offset: part.start - start,
      length: part.tracks ? TRACKS : part.length,
    }));
    return { memory: { bytes, maximum: this.#maximum }, entries };
  }

  /** Returns the bytes that the parts span, from `start` on. Each part is as it was when it was found. */
  #span(start) {
    const { parts } = this;
    const end = parts.reduce((most, part) => Math.max(most, part.end), start);
    const bytes = new Uint8Array(end - start);
    // The buffer may have lost the bytes between the parts meanwhile.
    const present = Math.min(end, byteLengthOf(this.#buffer)) - start;
    if (present > 0) apply(set, bytes, [new Uint8Array(this.#buffer, start, present), 0]);
    // The first part that found a byte is right, so it is copied last.
    for (let index = parts.length - 1; index >= 0; index--) {
      parts[index].copyTo(bytes, parts[index].start - start);
    }
    return bytes;
  }
}

module.exports = { ItemBuffer, Part };
