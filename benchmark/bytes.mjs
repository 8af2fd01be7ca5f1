import { KINDS } from './support/items.mjs';
import { FLOOR, floor, ours, rustPeers, THREADSAFE_FUNCTION } from './support/sources.mjs';
import { compareThroughput } from './support/throughput.mjs';

const COPY = 'Buffer.copy between two buffers';

/** Returns a contender that measures the machine itself: it copies as many bytes. */
function copy({ size }) {
  const source = Buffer.alloc(size, 1);
  const target = Buffer.alloc(size, 2);
  return {
    name: COPY,
    copy(items) {
      for (let item = 0; item < items; item++) {
        source[0] = item;
        source.copy(target);
        if (target[0] !== source[0]) throw new Error('Buffer.copy did not copy');
      }
    },
  };
}

/** Returns a contender with the least work that gives every consumer memory of its own. */
function copyToNew({ size }) {
  const source = Buffer.alloc(size, 1);
  return {
    name: 'Buffer.copy into a new Buffer',
    copy(items) {
      for (let item = 0; item < items; item++) {
        source[0] = item;
        const target = Buffer.allocUnsafeSlow(size);
        source.copy(target);
        if (target[0] !== source[0]) throw new Error('Buffer.copy did not copy');
      }
    },
  };
}

const { bytes32, bytes1KiB, bytes64KiB, bytes1MiB } = KINDS;

export default [
  ...[bytes32, bytes1KiB].map(
    (kind) => () =>
      compareThroughput({
        kind,
        sources: [floor(kind), ...ours(kind), ...rustPeers(kind)],
        references: [FLOOR, THREADSAFE_FUNCTION],
      }),
  ),
  // For items of this size, an array of them in memory is no useful reference.
  ...[bytes64KiB, bytes1MiB].map(
    (kind) => () =>
      compareThroughput({
        kind,
        sources: [copy(kind), copyToNew(kind), ...ours(kind), ...rustPeers(kind)],
        references: [COPY, THREADSAFE_FUNCTION],
      }),
  ),
];
