/*
 * The source of streams that Rust feeds. The file is an expression: a function that is called once per
 * environment with the iterator's parts, the native functions and the shared slab.
 *
 * The last element of the slab holds the outcome of a drain: the number of items, NOTHING_YET, DECODED or an end.
 *
 * A program can change every prototype, before and after this script runs. So the slab is read only by its indices,
 * which never lead to a prototype, and passed only to decoders. Rust identifies a stream by a number that only the
 * stream's source has.
 */
(iterator, native, slab) => {
  'use strict';

  const { addOpenStreams, leaveByReturn, ...parts } = iterator;
  const { PARKED, CLOSED, Failure, open, abortOn, handOver, wake, stackReserve, uncurry } = parts;

  const reserveStack = stackReserve();

  /** The index of the last element. It is counted, because `length` is a getter of a prototype. */
  let OUTCOME = 0;
  while (slab[OUTCOME + 1] !== undefined) OUTCOME++;

  const NOTHING_YET = 0;
  const ENDED = -1;
  const DECODED = -3;

  /** The bits of the slab as 64-bit integers. */
  let signed;
  let unsigned;

  const STATES = ['idle', 'open', 'closed', 'failed', 'cancelled'];

  const builtin = (name) => process.getBuiltinModule(name);
  const Buffer = globalThis.Buffer ?? builtin('node:buffer').Buffer;
  const { markAsUntransferable, threadId } = builtin('node:worker_threads');
  const { setTimeout } = builtin('node:timers');
  // Test runners replace those of their realms by clocks that do not advance, and a channel must not stop with them.
  const { queueMicrotask } = globalThis;
  const nextTick = process.nextTick.bind(process);
  const afterMicrotasks = (callback) => queueMicrotask(() => nextTick(callback));
  // Deno may run another callback, which resolves promises, before a tick that a microtask has asked for. The
  // reactions to these promises run before the next such tick.
  const runsTicksLate = globalThis.Deno !== undefined;
  const { from, isArray } = Array;
  const { defineProperty } = Object;

  /** The sources of streams that wait for Rust, by number. They must not be collected; all others may. */
  const parked = new Map();

  /** The longest time for which a waiting stream keeps the memory of its last burst, in milliseconds. */
  const RELEASE_AFTER = 100;
  let willRelease = false;

  /** Releases the memory of some streams at a time, because thousands at once delay a wake by milliseconds. */
  const releaseMemory = () => {
    willRelease = native.shrink();
    if (willRelease) setTimeout(releaseMemory, 1).unref();
  };

  const releaseMemoryLater = () => {
    if (willRelease) return;
    willRelease = true;
    setTimeout(releaseMemory, RELEASE_AFTER).unref();
  };

  /** The stack frames of the caller for which a stream is being opened. */
  let opening;

  const { captureStackTrace } = Error;
  const indexOf = uncurry(String.prototype.indexOf);
  const slice = uncurry(String.prototype.slice);

  /** Returns an object with the stack of a function's caller; undefined if the program formats stacks and fails. */
  const callerOf = (called) => {
    const caller = {};
    try {
      captureStackTrace(caller, called);
      return caller;
    } catch {
      return undefined;
    }
  };

  /** Opens a stream. The stacks of its failures name the caller of `called`, a function of the package. */
  const openFor = (called, open) => {
    opening = callerOf(called);
    try {
      return open();
    } finally {
      opening = undefined;
    }
  };

  /** Names the caller in the stack of an error that Rust has made. */
  const nameCaller = (error, caller) => {
    try {
      let { stack: value } = caller;
      if (typeof value === 'string') {
        // Its frames begin with the second line.
        const end = indexOf(value, '\n');
        if (end === -1) return;
        value = `Error: ${error.message}${slice(value, end)}`;
      }
      const stack = { __proto__: null, value, writable: true, configurable: true };
      if (value !== undefined) defineProperty(error, 'stack', stack);
    } catch {
      // The program formats stacks itself, and its formatter has failed.
    }
  };

  class NativeSource {
    /** A source that keeps hidden classes alive, as in iterator.js. */
    // biome-ignore lint/correctness/noUnusedPrivateClassMembers: it is there to be kept
    static #classAnchor = new NativeSource();

    #handle;
    #number;
    #decode;
    #caller;
    #hasFailed = false;
    #isCancelled = false;
    /** The stream, while it waits. */
    #stream;
    /** The outcome of the drain of a wake, until the stream takes it. */
    #outcome;

    /** Takes the handle, which is passed to the native functions, and the number, which a wake carries. */
    constructor(handle, number, decode, caller) {
      this.#handle = handle;
      this.#number = number;
      this.#decode = decode;
      this.#caller = caller;
    }

    drain(stream) {
      const outcome = this.#outcome;
      if (outcome === undefined) {
        // Reserved first, because items that have crossed cannot be decoded a second time.
        reserveStack();
        return this.#drain(stream);
      }
      this.#outcome = undefined;
      return outcome;
    }

    #drain(stream) {
      // A wake that is under way finds no source, unless the stream waits again.
      this.#unpark();
      let crossed = 0;
      try {
        const payload = native.drain(this.#handle);
        const outcome = slab[OUTCOME];
        const decode = this.#decode;
        if (outcome > 0) {
          crossed = outcome;
          return this.#offer(decode(outcome, slab, payload, signed, unsigned));
        }
        if (outcome === DECODED) return this.#offer(payload);
        if (outcome === NOTHING_YET) {
          parked.set(this.#number, this);
          this.#stream = stream;
          releaseMemoryLater();
          return PARKED;
        }
        if (outcome === ENDED) return CLOSED;
        this.#hasFailed = true;
        if (this.#caller !== undefined) nameCaller(payload, this.#caller);
        return new Failure(payload);
      } catch (reason) {
        // An item that cannot cross, such as a string longer than the engine allows, or a decoder that throws ends
        // the stream.
        return this.#fail(reason, crossed);
      }
    }

    /** Returns the items, unless their decoder has called the stream's return(): then they count as unread. */
    #offer(items) {
      if (!this.#isCancelled) return items;
      native.cancel(this.#handle, items.length);
      return CLOSED;
    }

    /**
     * Serves the stream, which has waited. The event loop calls it, so there is enough stack. Usually there is one
     * item, for one call that awaits it. handOver() is a short path for this case: code that runs rarely is slow,
     * because it is in no cache.
     */
    wake() {
      const stream = this.#stream;
      const outcome = this.#drain(stream);
      if (outcome === PARKED || (outcome === CLOSED && this.#isCancelled)) return;
      if (isArray(outcome) && outcome.length === 1 && handOver(stream, outcome[0])) return;
      this.#outcome = outcome;
      wake(stream);
    }

    /** Starts the producer while the stream waits for the event loop: the producer need not wait. */
    start() {
      try {
        native.start(this.#handle);
      } catch {
        // The drain that follows meets the same error, and reports it.
      }
    }

    #unpark() {
      if (this.#stream === undefined) return;
      parked.delete(this.#number);
      this.#stream = undefined;
    }

    #fail(reason, unread) {
      this.#hasFailed = true;
      try {
        this.cancel(unread);
      } catch {
        // The first reason is the one to report.
      }
      return new Failure(reason);
    }

    cancel(unread) {
      this.#unpark();
      this.#isCancelled = true;
      const outcome = this.#outcome;
      this.#outcome = undefined;
      native.cancel(this.#handle, isArray(outcome) ? unread + outcome.length : unread);
    }

    stats() {
      native.stats(this.#handle);
      const stats = statsOf(slab);
      // A batch that could not cross has cancelled the producer.
      if (this.#hasFailed) stats.state = 'failed';
      return stats;
    }

    get kind() {
      return native.kind(this.#handle);
    }
  }

  /** Returns counters as an object. Streams of Rust and channels count in the same order. */
  const statsOf = (numbers) => ({
    pushed: numbers[0],
    dropped: numbers[1],
    skipped: numbers[2],
    buffered: numbers[3],
    bufferedBytes: numbers[4],
    capacity: numbers[5],
    wakes: numbers[6],
    producerWaits: numbers[7],
    state: STATES[numbers[8]],
  });

  /** The addon's own functions that count streams of other threads, each with the kind of its streams. */
  const counters = new Map();

  /** Describes a stream of another thread. A stream that has no thread yet has one number less. */
  const describeInOtherThread = (kind, numbers) => {
    const stats = statsOf(numbers);
    const delivered = stats.pushed - stats.dropped - stats.buffered;
    const isAwaited = numbers[9] === 1;
    return { kind, isAwaited, ...stats, delivered, threadId: numbers[11], age: numbers[10] };
  };

  /** Lists the streams that this addon feeds in other threads. */
  const openInOtherThreads = () => {
    if (!native.listsOtherThreads()) return [];
    const streams = native.streamsInOtherThreads();
    for (const [count, kind] of counters) {
      for (const numbers of count()) streams.push([kind, numbers]);
    }
    return streams.map(([kind, numbers]) => describeInOtherThread(kind, numbers));
  };
  addOpenStreams(openInOtherThreads);

  /** The sources and senders of all realms that wait for another thread. They must not be collected. */
  const waiting = new Set();

  /** The key of the flushes that realms have not run in this turn: one set, however often addons were loaded. */
  const UNFLUSHED = Symbol.for('async-iterable-bridge:unflushed');
  if (globalThis[UNFLUSHED] === undefined) {
    const value = { flushes: new Set(), listensForExit: false };
    Object.defineProperty(globalThis, UNFLUSHED, { value });
  }
  const unflushed = globalThis[UNFLUSHED];

  /** Calls `flush` if the thread crashes or calls process.exit() before hasFlushed(). */
  const flushOnExit = (flush) => {
    unflushed.flushes.add(flush);
    if (unflushed.listensForExit) return;
    process.once('exit', () => {
      for (const flush of unflushed.flushes) flush();
    });
    unflushed.listensForExit = true;
  };
  const hasFlushed = (flush) => unflushed.flushes.delete(flush);

  /** The other objects that can be woken, by number. */
  const listeners = new Map();
  const forgotten = new FinalizationRegistry((number) => {
    listeners.delete(number);
    // The native functions of a test own nothing, and have no `forget`.
    native.forget?.(number);
  });

  /** Lets Rust keep the resource of this number for as long as the object exists. */
  const keep = (number, object) => forgotten.register(object, number);

  /** Registers an object, whose `wake()` is called for wakes of the `Listener` of this number. Holds it weakly. */
  const listen = (number, listener) => {
    keep(number, listener);
    listeners.set(number, new WeakRef(listener));
  };

  const unpark = (number) => {
    const source = parked.get(number);
    // A listener, or a stream that was cancelled, or another wake was faster.
    if (source === undefined) listeners.get(number)?.deref()?.wake();
    else source.wake();
  };

  return {
    create: (handle, number, decode, timeSlice, signal) => {
      const source = new NativeSource(handle, number, decode, opening);
      keep(number, source);
      const stream = open(source, timeSlice);
      if (signal === undefined) return stream;
      try {
        abortOn(stream, signal);
      } catch (error) {
        leaveByReturn(stream);
        throw error;
      }
      return stream;
    },
    /** Returns 1 for an `AbortSignal` that is aborted, and 0 for another. Throws for all other values. */
    isAborted: (signal) => {
      // Any signal, as in Node: also one of another realm, or of a polyfill.
      const isObject = typeof signal === 'object' && signal !== null;
      if (isObject && 'aborted' in signal && typeof signal.addEventListener === 'function') {
        return signal.aborted ? 1 : 0;
      }
      const received = isObject ? 'an object' : signal === null ? 'null' : typeof signal;
      const error = new TypeError(
        `The "signal" argument must be an instance of AbortSignal. Received ${received}`,
      );
      error.code = 'ERR_INVALID_ARG_TYPE';
      throw error;
    },
    keep,
    listen,
    /** Takes another slab, and the views of its bits. */
    useSlab: (numbers, signedBits, unsignedBits) => {
      slab = numbers;
      signed = signedBits;
      unsigned = unsignedBits;
    },
    /** Makes an array with own elements: a value that is stored there reaches no setter of a prototype. */
    blank: (length) => from({ __proto__: null, length }),
    /** Returns the items of a batch behind those that a queue has dropped from it. */
    behind: (items, count, dropped) =>
      from({ __proto__: null, length: count }, (_, index) => items[dropped + index]),
    makeDecoder: (define) => define(Buffer),
    /** Makes a buffer that several batches will share untransferable: its transfer would take other items away. */
    share: (buffer) => markAsUntransferable?.(buffer),
    /** Wakes `count` streams: that of a number, or those of an array of numbers. The threadsafe function calls it. */
    wake: (count, ready) => {
      if (count === 1) {
        unpark(ready);
        return;
      }
      for (let index = 0; index < count; index++) unpark(ready[index]);
    },
    /**
     * The functions that the npm package needs. All realms of the environment that load the package share them, so
     * they keep nothing of a realm, except what waits and what is unflushed.
     */
    runtime: Object.freeze({
      ...parts,
      listen,
      waiting,
      openFor,
      flushOnExit,
      hasFlushed,
      /** Calls back when the code that runs now has finished, with all its microtasks. */
      atEndOfTurn: runsTicksLate
        ? (callback) => afterMicrotasks(() => afterMicrotasks(callback))
        : afterMicrotasks,
      /** Adds a native function that counts streams of other threads: one array each, in the order of statsOf(). */
      countInOtherThreads: (kind, count) => counters.set(count, kind),
      statsOf,
    }),
    threadId,
  };
};
