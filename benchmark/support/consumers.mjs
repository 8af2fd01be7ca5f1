/**
 * The loops of the consumers. `ownConsumers` gives each contender its own copy of this module,
 * so that V8 compiles its loop for it alone, as in a program that has one stream.
 */

/** Functions that read something of every part of an item, so that no part can be optimized away. */
export const DIGESTS = {
  numbers: (number) => number,
  strings: (text) => text.length + text.charCodeAt(7),
  bytes: (bytes) => bytes.length + bytes[0],
  rows4: (row) => row.id + row.name.length + row.score + (row.active ? 1 : 0),
  rows12: (row) =>
    row.id +
    row.parent +
    row.level +
    row.size +
    row.score +
    row.weight +
    row.ratio +
    row.name.length +
    row.kind.length +
    row.owner.length +
    row.path.length +
    (row.active ? 1 : 0),
  chunks: ({ data, fork, protocolVersion }) =>
    data.length + data[0] + fork.length + protocolVersion,
  trees: ({ id, name, tags, position, children }) =>
    id +
    name.length +
    tags[0].length +
    tags[1].length +
    position.x +
    position.y +
    children[0].id +
    children[1].id +
    (children[0].isLeaf ? 1 : 0) +
    (children[1].isLeaf ? 1 : 0),
  lines: (line) => line.length,
  entries: (entry) => entry.path.length,
};

/** Returns consumers of streams of items, and of streams of arrays of them. */
export function consumersOf(digest) {
  return {
    async items(stream) {
      let items = 0;
      let sum = 0;
      for await (const item of stream) {
        items += 1;
        sum += digest(item);
      }
      return { items, sum };
    },
    async batches(stream) {
      let items = 0;
      let sum = 0;
      for await (const batch of stream) {
        items += batch.length;
        for (let index = 0; index < batch.length; index++) sum += digest(batch[index]);
      }
      return { items, sum };
    },
  };
}

let copies = 0;

export async function ownConsumers(digest) {
  copies += 1;
  // Modules with different addresses are different modules.
  const copy = await import(`./consumers.mjs?copy=${copies}`);
  return copy.consumersOf(copy.DIGESTS[digest]);
}
