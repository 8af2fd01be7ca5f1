'use strict';

// The keys of plain objects. Objects with the same keys in the same order have one shape. The encoder finds it
// when it follows the keys from the root of a tree, one step for each key.

/** The most places in a tree. A program with more shapes gains little from them. */
const MOST_PLACES = 4096;

/** The most new places in the tree for each batch. An object with further keys describes them itself. */
const MOST_NEW_PLACES = 128;

/** The length of the longest key that the tree keeps. */
const LONGEST_KEY = 64;

const { stringify } = JSON;

/** The most keys of a shape. An object with more is a dictionary: hardly any other object has the same keys. */
const MOST_KEYS = 64;

class Shape {
  description;
  /** The index of the shape in the batch that has described it last. */
  index = -1;

  /** `keys` is a text: the keys as JSON, with commas between them. */
  constructor(keys) {
    this.description = `[${keys}]`;
  }
}

class Place {
  #parent;
  #lastKey;
  #depth;
  /** The last step, which is the most likely next one. */
  nextKey = undefined;
  next = undefined;
  #others = undefined;
  #shape = undefined;

  constructor(parent, lastKey) {
    this.#parent = parent;
    this.#lastKey = lastKey;
    this.#depth = parent === undefined ? 0 : parent.#depth + 1;
  }

  /** Returns the place after a key that is not nextKey, or undefined if that place is not to be in the tree. */
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

  /** Returns the keys as a text. No array is made of them: a program may define how JSON writes arrays. */
  #keys() {
    let keys = '';
    for (let place = this; place.#parent !== undefined; place = place.#parent) {
      keys = `${stringify(place.#lastKey)}${keys === '' ? '' : ','}${keys}`;
    }
    return keys;
  }
}

class ShapeTree {
  #size = 0;
  #left = MOST_NEW_PLACES;
  /** The place of objects without keys. */
  root = new Place();

  /** Counts one more place. Returns whether the tree may have it in this batch. */
  grow() {
    if (this.#left === 0) return false;
    this.#left--;
    this.#size++;
    return true;
  }

  /** Begins another batch. The tree may forget a shape that was found before, but the shape stays valid. */
  renew() {
    this.#left = MOST_NEW_PLACES;
    if (this.#size < MOST_PLACES) return;
    this.root = new Place();
    this.#size = 0;
  }
}

module.exports = { ShapeTree };
