'use strict';

// The keys of plain objects. Objects with the same keys in the same order have one shape, which is
// found by following the keys from the root of a tree, one step for each.

/** The size of a tree at most. A program with more shapes gains little from them. */
const MOST_PLACES = 4096;

/** New places in the tree for each batch. Objects with further keys describe them themselves. */
const MOST_NEW_PLACES = 128;

/** A longer key is not kept in the tree. */
const LONGEST_KEY = 64;

/** The keys of a shape at most. An object with more is a dictionary: hardly any other has the same. */
const MOST_KEYS = 64;

class Shape {
  constructor(keys) {
    this.description = JSON.stringify(keys);
    /** Its index in the batch that has described it last. */
    this.index = -1;
  }
}

class Place {
  #parent;
  #lastKey;
  #depth;
  /** The step that was taken last, and that is most likely to come again. */
  nextKey = undefined;
  next = undefined;
  #others = undefined;
  #shape = undefined;

  constructor(parent, lastKey) {
    this.#parent = parent;
    this.#lastKey = lastKey;
    this.#depth = parent === undefined ? 0 : parent.#depth + 1;
  }

  /** Returns the place after a key that is not nextKey; or nothing, if it is not to be in the tree. */
  step(key, tree) {
    let place = this.#others?.get(key);
    if (place === undefined) {
      if (this.#depth === MOST_KEYS || key.length > LONGEST_KEY || !tree.grow()) return undefined;
      place = new Place(this, key);
      this.#others ??= new Map();
      this.#others.set(key, place);
    }
    this.nextKey = key;
    this.next = place;
    return place;
  }

  get shape() {
    this.#shape ??= new Shape(this.#keys());
    return this.#shape;
  }

  #keys() {
    const keys = [];
    for (let place = this; place.#parent !== undefined; place = place.#parent) {
      keys.push(place.#lastKey);
    }
    return keys.reverse();
  }
}

class ShapeTree {
  #size = 0;
  #left = MOST_NEW_PLACES;
  /** The place of objects without keys. */
  root = new Place();

  /** Whether the tree may have one more place in this batch. */
  grow() {
    if (this.#left === 0) return false;
    this.#left--;
    this.#size++;
    return true;
  }

  /** Begins another batch. A shape that was found before may be forgotten, but stays valid. */
  renew() {
    this.#left = MOST_NEW_PLACES;
    if (this.#size < MOST_PLACES) return;
    this.root = new Place();
    this.#size = 0;
  }
}

module.exports = { ShapeTree };
