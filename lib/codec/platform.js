'use strict';

// Objects that belong to the platform, and not to the language. Engines disagree about them: what one refuses,
// another clones as an empty object. Here all of them are refused, on every runtime.

const threads = require('node:worker_threads');
const { syncBuiltinESMExports } = require('node:module');
const { isProxy } = require('node:util/types');
const { runInThisContext } = require('node:vm');
const { dataOf, nameOfConstructor } = require('./refusal.js');

const { getPrototypeOf, getOwnPropertySymbols, hasOwn } = Object;

/** Those that a global variable names. */
const GLOBALS = new Set(
  `AbortController AbortSignal Blob BroadcastChannel ByteLengthQueuingStrategy Cache CacheStorage CloseEvent
   CompressionStream CountQueuingStrategy Crypto CryptoKey CustomEvent DecompressionStream ErrorEvent Event
   EventSource EventTarget File FileReader FormData Headers MessageChannel MessageEvent MessagePort Navigator
   Performance PerformanceEntry PerformanceMark PerformanceMeasure PerformanceObserver
   PerformanceObserverEntryList PerformanceResourceTiming ReadableByteStreamController ReadableStream
   ReadableStreamBYOBReader ReadableStreamBYOBRequest ReadableStreamDefaultController
   ReadableStreamDefaultReader Request Response Storage SubtleCrypto TextDecoder TextDecoderStream TextEncoder
   TextEncoderStream TransformStream TransformStreamDefaultController URL URLPattern URLSearchParams WebSocket
   WebSocketStream Worker WritableStream WritableStreamDefaultController WritableStreamDefaultWriter`.split(
    /\s+/,
  ),
);

/** Those of WebAssembly. */
const WASM = new Set(['Exception', 'Global', 'Instance', 'Memory', 'Module', 'Table', 'Tag']);

/** Those that a module of Node has, by the module. */
const MODULES = new Map(
  Object.entries({
    BlockList: 'node:net',
    ChildProcess: 'node:child_process',
    FSWatcher: 'node:fs',
    KeyObject: 'node:crypto',
    Script: 'node:vm',
    SocketAddress: 'node:net',
    Stream: 'node:stream',
    Worker: 'node:worker_threads',
    X509Certificate: 'node:crypto',
  }),
);

/** Those that no module exports, by methods that only they have. */
const HIDDEN = new Map(
  Object.entries({
    FileHandle: ['createReadStream', 'datasync'],
    Histogram: ['percentile', 'percentileBigInt'],
    RecordableHistogram: ['record', 'recordDelta'],
  }),
);

/** Reads a property of what may not be there, and may be a getter that throws. */
function prototypeOf(holder, name) {
  try {
    return holder?.[name]?.prototype;
  } catch {
    return undefined;
  }
}

function isOfPlatform(prototype, name) {
  if (GLOBALS.has(name) && prototypeOf(globalThis, name) === prototype) return true;
  if (WASM.has(name) && prototypeOf(globalThis.WebAssembly, name) === prototype) return true;
  const module = MODULES.get(name);
  if (module !== undefined && prototypeOf(process.getBuiltinModule?.(module), name) === prototype)
    return true;
  const methods = HIDDEN.get(name);
  return methods?.every((method) => typeof dataOf(prototype, method) === 'function') ?? false;
}

/** Prototypes, each with the name of the platform's class that it is of or extends, or with an empty text. */
const known = new WeakMap();

function findName(prototype) {
  while (prototype !== null && !isProxy(prototype)) {
    const name = nameOfConstructor(prototype);
    if (name !== undefined && isOfPlatform(prototype, name)) return name;
    prototype = getPrototypeOf(prototype);
  }
  return undefined;
}

/** Returns the name of the platform's class that objects with this prototype belong to, if any. */
function platformNameOf(prototype) {
  if (prototype === null) return undefined;
  let name = known.get(prototype);
  if (name === undefined) {
    name = findName(prototype) ?? '';
    known.set(prototype, name);
  }
  return name === '' ? undefined : name;
}

/**
 * The objects that a program has marked with `markAsUncloneable()`. No runtime tells which they are, so the
 * function is replaced by one that also remembers them: once for each environment, by one that belongs to its
 * own realm, which a realm that has loaded the package must not be kept by.
 */
const MARKED = Symbol.for('async-iterable-bridge:uncloneable');
const REPLACEMENT = `(mark, MARKED) => {
  const marked = { objects: new WeakSet(), isEmpty: true };
  function markAsUncloneable(object) {
    mark(object);
    if ((typeof object !== 'object' || object === null) && typeof object !== 'function') return;
    marked.objects.add(object);
    marked.isEmpty = false;
  }
  return Object.defineProperty(markAsUncloneable, MARKED, { value: marked });
}`;

function rememberMarked() {
  const { markAsUncloneable } = threads;
  if (markAsUncloneable === undefined) return { objects: new WeakSet(), isEmpty: true };
  if (markAsUncloneable[MARKED] === undefined) {
    threads.markAsUncloneable = runInThisContext(REPLACEMENT)(markAsUncloneable, MARKED);
    syncBuiltinESMExports();
  }
  return threads.markAsUncloneable[MARKED];
}

const marked = rememberMarked();

/** Deno's mark of an object: a property that a program can read. */
const [MARK] = process.versions.deno === undefined ? [] : getOwnPropertySymbols(markedByDeno());

function markedByDeno() {
  const object = {};
  threads.markAsUncloneable?.(object);
  return object;
}

/** Returns whether the program has marked an object, which is no proxy, as one that must not be cloned. */
function isMarked(object) {
  if (MARK !== undefined) return hasOwn(object, MARK);
  return !marked.isEmpty && marked.objects.has(object);
}

module.exports = { isMarked, platformNameOf };
