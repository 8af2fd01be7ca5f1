'use strict';

// The keys of plain objects. Objects with the same keys in the same order have one shape, which is
// found by following the keys from the root of a tree, one step for each.

/** So many places a tree has at most. Who has more shapes gains little from them. */
const MOST_PLACES = 4096;

/** Whether `for in` finds more in plain objects than what is theirs. */
function isPolluted() {
  for (const _ in Object.prototype) return true;
  return false;
}

class Shape {
  constructor(keys) {
    this.description = JSON.stringify(keys);
    /** Where it stands in the batch that it was last described in. */
    this.index = -1;
  }
}

class Place {
  #parent;
  #lastKey;
  /** The step that was taken last, and that is most likely to come again. */
  nextKey = undefined;
  next = undefined;
  #others = undefined;
  #shape = undefined;

  constructor(parent, lastKey) {
    this.#parent = parent;
    this.#lastKey = lastKey;
  }

  /** For a key that is not nextKey. */
  step(key, tree) {
    this.#others ??= new Map();
    let place = this.#others.get(key);
    if (place === undefined) {
      place = new Place(this, key);
      this.#others.set(key, place);
      tree.size++;
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
  #root = new Place();
  size = 0;

  /** Where to begin. What was found before may be forgotten, but stays valid. */
  get root() {
    if (this.size >= MOST_PLACES) {
      this.#root = new Place();
      this.size = 0;
    }
    return this.#root;
  }
}

module.exports = { ShapeTree, isPolluted };
