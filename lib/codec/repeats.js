'use strict';

// The parts of items that the encoder recognizes when they occur again: objects, and the keys of plain objects. Objects
// with the same keys in the same order have one shape. The encoder finds it when it follows the keys from the root of a
// tree, one step for each key.

/** Up to this many objects, a scan of a list is faster than a Map. */
const MOST_IN_LIST = 12;

/** The objects of one item in the order in which they begin, to find an object that occurs again. */
class References {
  #list = new Array(MOST_IN_LIST).fill(undefined);
  #size = 0;
  #map = new Map();

  /** Returns the number of an object that occurred before. Otherwise remembers the object, and returns -1. */
  find(object) {
    const size = this.#size;
    const list = this.#list;
    const listed = Math.min(size, MOST_IN_LIST);
    for (let index = 0; index < listed; index++) if (list[index] === object) return index;
    if (size < MOST_IN_LIST) {
      list[size] = object;
      this.#size = size + 1;
      return -1;
    }
    const known = this.#map.get(object);
    if (known !== undefined) return known;
    this.#map.set(object, size);
    this.#size = size + 1;
    return -1;
  }

  /** Ends an item, and releases its objects. */
  clear() {
    const size = this.#size;
    const list = this.#list;
    const listed = Math.min(size, MOST_IN_LIST);
    for (let index = 0; index < listed; index++) list[index] = undefined;
    if (size > MOST_IN_LIST) this.#map = new Map();
    this.#size = 0;
  }
}

/** The most nodes in a tree. A program with more shapes gains little from them. */
const MOST_NODES = 4096;

/** The most new nodes in the tree for each batch. An object with further keys describes them itself. */
const MOST_NEW_NODES = 128;

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

class TrieNode {
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

  /** Returns the node after a key that is not nextKey, or undefined if that node is not to be in the tree. */
  step(key, tree) {
    let node = this.#others?.get(key);
    if (node === undefined) {
      if (this.#depth === MOST_KEYS || key.length > LONGEST_KEY || !tree.grow()) return undefined;
      node = new TrieNode(this, key);
      this.#others ??= new Map();
      this.#others.set(key, node);
    }
    this.nextKey = key;
    this.next = node;
    return node;
  }

  get shape() {
    this.#shape ??= new Shape(this.#keys());
    return this.#shape;
  }

  /** Returns the keys as a text. No array is made of them: a program may define how JSON writes arrays. */
  #keys() {
    let keys = '';
    for (let node = this; node.#parent !== undefined; node = node.#parent) {
      keys = `${stringify(node.#lastKey)}${keys === '' ? '' : ','}${keys}`;
    }
    return keys;
  }
}

class ShapeTree {
  #size = 0;
  #left = MOST_NEW_NODES;
  /** The node of objects without keys. */
  root = new TrieNode();

  /** Counts one more node. Returns whether the tree may have it in this batch. */
  grow() {
    if (this.#left === 0) return false;
    this.#left--;
    this.#size++;
    return true;
  }

  /** Begins another batch. The tree may forget a shape that was found before, but the shape stays valid. */
  renew() {
    this.#left = MOST_NEW_NODES;
    if (this.#size < MOST_NODES) return;
    this.root = new TrieNode();
    this.#size = 0;
  }
}

module.exports = { References, ShapeTree };
