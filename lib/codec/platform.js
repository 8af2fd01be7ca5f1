'use strict';

// Objects that belong to the platform, and not to the language. Engines disagree about them: one engine refuses an
// object that another clones as an empty object. This codec refuses all of them, on every runtime.

const { isProxy } = require('node:util/types');
const { dataOf, nameOfConstructor } = require('./refusal.js');

const { getPrototypeOf } = Object;

/** The classes that a global variable names. */
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

/** The classes of WebAssembly. */
const WASM = new Set(['Exception', 'Global', 'Instance', 'Memory', 'Module', 'Table', 'Tag']);

/** The classes that a module of Node exports, each with its module. */
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

/** The classes that no module exports, each with methods that only this class has. */
const HIDDEN = new Map(
  Object.entries({
    FileHandle: ['createReadStream', 'datasync'],
    Histogram: ['percentile', 'percentileBigInt'],
    RecordableHistogram: ['record', 'recordDelta'],
  }),
);

/** Returns the prototype of a class that may be absent, or a getter that throws. */
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

/** The name of the platform's class that a prototype belongs to or extends, or an empty text, by prototype. */
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

module.exports = { platformNameOf };
