'use strict';

// What a batch looks like between two threads of one process.
//
// `head` is one column of 8-byte slots. A number is its own slot. Anything else is a NaN that no
// number is ever stored as: the high half says the kind, the low half a length, a count or an index.
//
//   STRING            that many characters of `text`, where all strings follow each other
//   DATE, BIGINT      its value is in the slot that follows
//   LONG_BIGINT       that many characters of `text`: its hexadecimal digits
//   ARRAY             that many values follow
//   OBJECT            the values of the keys of that shape follow
//   PACKED + form     that many bytes of the open chunk, from the next multiple of 8 on; if it has
//                     no room for them, the next chunk is opened
//   WHOLE + form      the bytes of the next chunk
//
// After the items comes a slot for each shape, the length of its description, and at last how many
// shapes there are. The descriptions, keys as JSON, are the end of `text`.

/** Which half of a slot is the low one, in steps of 4 bytes. */
const LOW = 1 - new Uint8Array(Uint16Array.of(1).buffer)[0];
const HIGH = 1 - LOW;

/** The high half of the one NaN that stands for itself, and the largest that a number has. */
const NUMBER = 0x7ff80000;

const UNDEFINED = NUMBER + 1;
const NULL = NUMBER + 2;
const FALSE = NUMBER + 3;
const TRUE = NUMBER + 4;
const STRING = NUMBER + 5;
const DATE = NUMBER + 6;
const BIGINT = NUMBER + 7;
const LONG_BIGINT = NUMBER + 8;
const ARRAY = NUMBER + 9;
const OBJECT = NUMBER + 10;
const PACKED = NUMBER + 32;
const WHOLE = NUMBER + 64;

/** What becomes of bytes. The index of a form is added to PACKED or WHOLE. */
const FORMS = [
  'Uint8Array',
  'Buffer',
  'ArrayBuffer',
  'DataView',
  'Int8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float16Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'structured',
];

/** What packed bytes begin at a multiple of, so that any typed array can be a view of them. */
const ALIGNMENT = 8;

/** A view keeps its whole chunk alive, so this bounds what a small one can hold. */
const CHUNK_BYTES = 64 * 1024;

/** Bytes of which so many come together get a chunk of their own. */
const WHOLE_BYTES = 32 * 1024;

module.exports = {
  LOW,
  HIGH,
  NUMBER,
  UNDEFINED,
  NULL,
  FALSE,
  TRUE,
  STRING,
  DATE,
  BIGINT,
  LONG_BIGINT,
  ARRAY,
  OBJECT,
  PACKED,
  WHOLE,
  FORMS,
  ALIGNMENT,
  CHUNK_BYTES,
  WHOLE_BYTES,
};
