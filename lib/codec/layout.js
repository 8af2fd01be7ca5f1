'use strict';

// The form of a batch between two threads of one process.
//
// `head` is one column of 8-byte slots. A number is its own slot. Any other value is a NaN that no number is stored
// as: its high half is the kind, and its low half is a length, a count or an index ("that many" and "that" below).
//
//   STRING            that many characters of `texts`, in which all strings follow each other
//   DATE, BIGINT      its value is in the next slot
//   LONG_BIGINT       that many characters of `texts`: its hexadecimal digits
//   REGEXP            its source and its flags follow
//   BOXED             the primitive that it wraps follows
//   ARRAY             that many values follow; a missing element is ABSENT
//   SPARSE            the length follows, then that many pairs of a key and a value
//   OBJECT            the values of the keys of that shape follow
//   LONG_OBJECT       the same, then a slot with a count, and as many pairs of a key and a value as it says
//   MAP               that many pairs of a key and a value follow
//   SET               that many values follow
//   ERROR             the low byte is its class; the bits above it say which of ERROR_PARTS follow
//   DOM_EXCEPTION     its message, name and stack follow
//   REFERENCE         the object of that number in this item; objects are counted in the order in which they begin
//   PACKED + form     that many bytes of the open chunk, from the next multiple of 8 on; if they do not fit, the next
//                     chunk is opened
//   WHOLE + form      the bytes of the next chunk
//   JOINED + either   the same bytes, which the decoder skips: the value is the next entry of the joined views
//
// The strings are in pieces. A piece is at most PIECE_CHARACTERS long, unless it is a single string.
//
// After the items come, in this order:
//
//   joined views      for each, the number of its memory, its offset, and its length in bytes or TRACKS
//   memories          for each, its length in bytes, and its maximum or FIXED; their bytes are the last chunks
//   shapes            for each, the length of its description; the descriptions, keys as JSON, are the end of `texts`
//   the last slot     the number of shapes (low) and the flags (high); with the flag HAS_JOINED, the number of joined
//                     views and the number of memories are in the two slots before it

/** The index of the low half of a slot, in steps of 4 bytes. */
const LOW = 1 - new Uint8Array(Uint16Array.of(1).buffer)[0];
const HIGH = 1 - LOW;

/** The high half of the only NaN that stands for itself. No number has a larger high half. */
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
const LONG_OBJECT = NUMBER + 11;
const SPARSE = NUMBER + 12;
const ABSENT = NUMBER + 13;
const MAP = NUMBER + 14;
const SET = NUMBER + 15;
const REGEXP = NUMBER + 16;
const BOXED = NUMBER + 17;
const ERROR = NUMBER + 18;
const DOM_EXCEPTION = NUMBER + 19;
const REFERENCE = NUMBER + 20;
const PACKED = NUMBER + 32;
const WHOLE = NUMBER + 64;

/** The number that is added to PACKED or WHOLE for joined views. */
const JOINED = 64;

/** The flags of the last slot. */
const HAS_REFERENCES = 1;
const HAS_JOINED = 2;

/** The length of a view that tracks the length of its buffer, and the maximum of a buffer that cannot be resized. */
const TRACKS = -1;
const FIXED = -1;

/** The classes of bytes. The index of a form is added to PACKED or WHOLE. */
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
];

/** The classes of errors in the structured clone algorithm. */
const ERRORS = [
  'Error',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
];

/** The properties that an error may have, each a bit from 1 << 8 on. */
const ERROR_PARTS = ['message', 'cause', 'stack'];

/** The alignment of packed bytes. With it, any typed array can be a view of them. */
const ALIGNMENT = 8;

/** The size of a chunk. A view keeps its whole chunk alive, so this bounds the memory that a small view can keep. */
const CHUNK_BYTES = 64 * 1024;

/** The length from which bytes get a chunk of their own. */
const WHOLE_BYTES = 32 * 1024;

/** The length of a piece. A string keeps its whole piece alive: 64 KiB, if a character takes two bytes. */
const PIECE_CHARACTERS = 32 * 1024;

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
  LONG_OBJECT,
  SPARSE,
  ABSENT,
  MAP,
  SET,
  REGEXP,
  BOXED,
  ERROR,
  DOM_EXCEPTION,
  REFERENCE,
  PACKED,
  WHOLE,
  JOINED,
  HAS_REFERENCES,
  HAS_JOINED,
  TRACKS,
  FIXED,
  FORMS,
  ERRORS,
  ERROR_PARTS,
  ALIGNMENT,
  CHUNK_BYTES,
  WHOLE_BYTES,
  PIECE_CHARACTERS,
};
