/*
 * The one iterator behind every kind of stream. It is an expression: a function of what observers.js
 * makes, that defines the class for one environment.
 *
 * What the items come from is a *port*, an object with
 *
 *   drain(stream)   an array of items (at least one), or PARKED: nothing yet, the port will call
 *                   wake(stream), or CLOSED, or a Failure: the end. Starts the producer.
 *   start()         optional: starts the producer, if drain() has not yet
 *   cancel(unread)  the consumer has left, with so many drained items unread; may return a promise
 *                   of the producer's cleanup. Called at most once, never after an end.
 *   stats()         the counters of `BridgeStats` in index.d.ts, without `delivered`
 *   kind            optional: what such streams are called where they are listed
 *
 * How it ends: once, by the port's end, by return() or throw(), or by an aborted signal. From then
 * on every next() is done.
 *
 * A batch is served without leaving this file, #limit being how far before the clock or the port
 * must be asked. Requests that cannot be answered at once wait in a list, in call order, and while
 * anybody waits nobody overtakes.
 *
 * It is long, because an environment evaluates it as one script, and most of it is one class, whose parts share
 * what is private to a stream.
 */
(observers) => {
  'use strict';

  const { channels, openStreams, addOpenStreams } = observers;

  const AsyncIteratorPrototype = Object.getPrototypeOf(
    Object.getPrototypeOf(async function* () {}).prototype,
  );

  // Tests replace the global ones with clocks that stand still, and a stream must not stop with them.
  const { setImmediate } = globalThis;
  const now = performance.now.bind(performance);

  /** `await` asks no promise for a `then` of its own, and neither does a stream. */
  const { then } = Promise.prototype;

  /**
   * Calls itself; its arguments make the frames large. A stack overflow, which a program may catch, is thrown by any
   * call. So before a call of ours changes what a later one relies on, it makes sure that the rest has enough stack.
   */
  const descend = (levels, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) =>
    levels === 0 ? 0 : descend(levels - 1, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) + 1;

  /** Frames of `descend`: 50 KiB. V8 wants 45 KiB to compile a function that has never run. */
  const RESERVED_LEVELS = 256;

  /** As many that the functions that answer a request fit in, once they have been compiled. */
  const FEW_LEVELS = 16;

  /** Requests until all that is called for one has been compiled. */
  const FIRST_REQUESTS = 256;
  let requests = 0;

  /** Throws the RangeError of a stack overflow unless the stack has space for what follows. */
  const expectStack = (levels = RESERVED_LEVELS) => {
    descend(levels, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  };

  /** Does the same for one request, at less cost. */
  const expectStackOfRequest = () => {
    if (requests === FIRST_REQUESTS) expectStack(FEW_LEVELS);
    else {
      expectStack();
      requests++;
    }
  };

  /** Throws an error where no call of ours can fail by it, as Node does with those of subscribers. */
  const report = (error) => {
    setImmediate(() => {
      throw error;
    });
  };

  const EMPTY = Object.freeze([]);

  /** What a port answers, and what #advance makes of it. */
  const PARKED = Symbol('parked');
  const CLOSED = Symbol('closed');
  const READY = Symbol('ready');
  const RESTING = Symbol('resting');
  class Failure {
    constructor(reason) {
      this.reason = reason;
    }
  }

  /** What a request asks for. */
  const ITEM = 0;
  const BATCH = 1;
  const RETURN = 2;
  const THROW = 3;

  /** The states, each of which leads only to later ones. */
  const UNASKED = 0; // nobody has asked for an item
  const ASKED = 1; // none has come
  const FLOWING = 2;
  const ABORTED = 3; // the signal's reason is still to be told
  const ENDED = 4;

  /** Items at most between two looks at the clock, one of which costs as much as half an item. */
  const LONGEST_STRIDE = 64;

  const done = () => ({ value: undefined, done: true });

  /**
   * How long this environment has been delivering items without a turn of the event loop.
   *
   * Nothing tells a program that the loop has turned, except a callback that it asked for. So when
   * half of a slice's time has gone, an immediate is set, once: if it runs, the loop has turned and a
   * new slice begins; if the time is over before it has run, delivery rests until it does. A stream
   * that is idle most of the time thus never waits, and costs no immediate per item.
   *
   * The time is half of what was asked for, because one turn of the loop can deliver twice between
   * two looks at its timers: in the callback of a wake, and in the immediate.
   */
  const slice = { start: Number.NEGATIVE_INFINITY, marked: false, resting: [] };

  const turned = () => {
    slice.start = now();
    slice.marked = false;
    const resting = slice.resting;
    slice.resting = [];
    for (let index = 0; index < resting.length; index++) {
      try {
        serve(resting[index]);
      } catch (error) {
        report(error);
      }
    }
  };

  const isSpent = (time, timeSlice) => {
    const length = timeSlice / 2;
    const half = length / 2;
    if (time - slice.start < half) return false;
    if (slice.marked) return time - slice.start >= length;
    setImmediate(turned);
    slice.marked = true;
    slice.start = time - half;
    return false;
  };

  /** Removes the abort listeners of streams that were forgotten. */
  const forgotten = new FinalizationRegistry((release) => release());

  const KEY = Symbol('AsyncIterableBridge');

  class AsyncIterableBridge {
    /**
     * Keeps the hidden class of streams alive while there are none. With it would go what V8 has
     * optimized for it, and every collection of garbage would make the next stream a slow one. Its
     * times are no integers, because V8 makes another class of what has only had integers there.
     */
    // biome-ignore lint/correctness/noUnusedPrivateClassMembers: it is there to be kept
    static #eternal = new AsyncIterableBridge(KEY, null, 0.5);

    #port;
    #timeSlice;
    #state = UNASKED;
    #batch = EMPTY;
    #index = 0;
    #limit = 0;
    #stride = 1;
    #lookedAt = Number.NaN;
    #drained = 0;
    #first = null;
    #last = null;
    #reason;
    #release;

    constructor(key, port, timeSlice) {
      if (key !== KEY) throw illegalConstructor();
      this.#port = port;
      this.#timeSlice = timeSlice;
    }

    /** With a parameter, as generators have it, which nobody reads. */
    next(_value) {
      let index;
      try {
        index = this.#index;
      } catch {
        return rejectReceiver('next', this);
      }
      if (index < this.#limit) {
        this.#index = index + 1;
        try {
          return Promise.resolve({ value: this.#batch[index], done: false });
        } catch (error) {
          this.#index = index;
          throw error;
        }
      }
      return this.#request(ITEM);
    }

    return(value) {
      if (!isBridge(this)) return rejectReceiver('return', this);
      return this.#leave(RETURN, value);
    }

    throw(reason) {
      if (!isBridge(this)) return rejectReceiver('throw', this);
      return this.#leave(THROW, reason);
    }

    [Symbol.asyncDispose]() {
      if (!isBridge(this)) return rejectReceiver('[Symbol.asyncDispose]', this);
      return this.#leave(RETURN, undefined).then(() => undefined);
    }

    batches() {
      return new Batches(KEY, isBridge(this) ? this : undefined);
    }

    get stats() {
      return {
        ...this.#port.stats(),
        delivered: this.#drained - (this.#batch.length - this.#index),
      };
    }

    static isBridge = (value) => typeof value === 'object' && value !== null && #port in value;

    static serve = (stream) => stream.#serve();

    static nextBatch = (stream) => stream.#request(BATCH);

    /** What is to be said of a stream that is open, for the list of all. */
    static describe = (stream) => ({
      kind: stream.#kind,
      isAwaited: stream.#first !== null,
      ...stream.stats,
    });

    static isOpen = (stream) => stream.#state !== ENDED;

    static abortOn = (stream, signal) => {
      if (signal.aborted) {
        stream.#abort(signal.reason);
        return;
      }
      // The signal may outlive the stream by far, and must not keep it.
      const reference = new WeakRef(stream);
      const abort = () => reference.deref()?.#abort(signal.reason);
      // An error of a listener would end the process, and the event comes only once.
      const listener = () => {
        try {
          abort();
        } catch {
          Reflect.apply(then, Promise.resolve(), [abort]);
        }
      };
      const release = () => signal.removeEventListener('abort', listener);
      signal.addEventListener('abort', listener, { once: true });
      forgotten.register(stream, release, release);
      stream.#release = release;
    };

    #request(kind) {
      expectStackOfRequest();
      if (this.#state === UNASKED) this.#enter(ASKED, channels.start);
      if (this.#first !== null) return this.#wait(kind);
      const outcome = this.#advance();
      switch (outcome) {
        case READY: {
          const taken = this.#take(kind);
          if (this.#state === ASKED) this.#enter(FLOWING, channels.firstItem);
          return Promise.resolve(taken);
        }
        case CLOSED:
          return Promise.resolve(done());
        case RESTING:
          return this.#wait(kind);
        case PARKED: {
          const waiting = this.#wait(kind);
          this.#tell(channels.park);
          return waiting;
        }
        default:
          return Promise.reject(outcome.reason);
      }
    }

    #wait(kind, value) {
      return new Promise((resolve, reject) => {
        const request = {
          kind,
          resolve,
          reject,
          value,
          cleanup: undefined,
          isSettling: false,
          next: null,
        };
        if (this.#first === null) this.#first = request;
        else this.#last.next = request;
        this.#last = request;
      });
    }

    #shift() {
      const request = this.#first;
      this.#first = request.next;
      if (this.#first === null) this.#last = null;
      return request;
    }

    /** READY: #limit is beyond #index. PARKED, RESTING: #serve will be called. Or the end. */
    #advance() {
      if (this.#state >= ABORTED) {
        if (this.#state === ENDED) return CLOSED;
        this.#state = ENDED;
        return new Failure(this.#reason);
      }
      if (this.#isSpent()) {
        // Somebody waits from here on, whom nobody may overtake.
        this.#limit = this.#index;
        this.#port.start?.();
        slice.resting.push(this);
        return RESTING;
      }
      if (this.#index === this.#batch.length) {
        const drained = this.#port.drain(this);
        this.#index = 0;
        this.#limit = 0;
        if (!Array.isArray(drained)) {
          this.#batch = EMPTY;
          if (drained !== PARKED) {
            this.#end();
            this.#tellEnd(drained === CLOSED ? undefined : drained.reason);
          }
          return drained;
        }
        this.#batch = drained;
        this.#drained += drained.length;
      }
      this.#limit = Math.min(this.#index + this.#stride, this.#batch.length);
      return READY;
    }

    /** Looks at the clock, and adapts the stride to what a consumer does with an item. */
    #isSpent() {
      const time = now();
      const isSlow = time - this.#lookedAt > this.#timeSlice / 8;
      this.#lookedAt = time;
      if (isSlow) this.#stride = Math.max(1, this.#stride >> 2);
      else if (this.#stride < LONGEST_STRIDE) this.#stride *= 2;
      return isSpent(time, this.#timeSlice);
    }

    #take(kind) {
      if (kind === ITEM) return { value: this.#batch[this.#index++], done: false };
      // From here on the array is the consumer's, who may change it.
      const rest = this.#index === 0 ? this.#batch : this.#batch.slice(this.#index);
      this.#batch = EMPTY;
      this.#index = 0;
      this.#limit = 0;
      return { value: rest, done: false };
    }

    /** Answers waiting requests, as far as it goes. */
    #serve() {
      if (this.#first !== null) expectStackOfRequest();
      while (this.#first !== null) {
        const { kind } = this.#first;
        if (kind === THROW && this.#first.cleanup === undefined) {
          const { reject, value } = this.#shift();
          reject(value);
          continue;
        }
        if (kind === RETURN || kind === THROW) {
          this.#settleLeaving(this.#first);
          return;
        }
        const outcome = this.#advance();
        if (outcome === RESTING) return;
        if (outcome === PARKED) {
          this.#tell(channels.park);
          return;
        }
        const request = this.#shift();
        if (outcome === READY) {
          request.resolve(this.#take(kind));
          if (this.#state === ASKED) this.#enter(FLOWING, channels.firstItem);
        } else if (outcome === CLOSED) request.resolve(done());
        else request.reject(outcome.reason);
      }
    }

    /** return() and throw(): cancels, settles whoever waits for items, then the call itself. */
    #leave(kind, value) {
      expectStack();
      const unread = this.#close();
      const isFirst = this.#first === null;
      // It has its place before the producer hears of it, who may call back into the stream.
      const left = this.#wait(kind, value);
      const request = this.#last;
      if (unread !== undefined) request.cleanup = this.#cancel(unread);
      if (isFirst) this.#serve();
      return left;
    }

    /**
     * Settles a return() or throw() that has become the first in the list, and stays it until
     * then: later requests are answered in call order.
     */
    #settleLeaving(request) {
      if (request.isSettling) return;
      request.isSettling = true;
      const settle = (how, value) => {
        this.#shift();
        how(value);
        this.#serve();
      };
      const finish = (how, value) => {
        if (request.cleanup === undefined) settle(how, value);
        else
          request.cleanup.then(
            () => settle(how, value),
            (reason) => settle(request.reject, reason),
          );
      };
      if (request.kind === THROW) {
        finish(request.reject, request.value);
        return;
      }
      let awaited;
      try {
        awaited = Promise.resolve(request.value);
      } catch (reason) {
        awaited = Promise.reject(reason); // a throwing `constructor` getter
      }
      Reflect.apply(then, awaited, [
        (value) => finish(request.resolve, { value, done: true }),
        (reason) => finish(request.reject, reason),
      ]);
    }

    #abort(reason) {
      if (this.#state >= ABORTED) return;
      expectStack();
      const waiting = this.#first === null ? null : this.#shift();
      waiting?.reject(reason);
      const unread = this.#close();
      if (waiting === null) {
        this.#reason = reason;
        this.#state = ABORTED;
      }
      this.#cancel(unread);
    }

    /**
     * Ends the stream if it is still open, and settles whoever waits for items. Gives how many items
     * have crossed and are unread, with which #cancel must follow.
     */
    #close() {
      const wasOpen = this.#state < ABORTED;
      this.#state = ENDED;
      if (!wasOpen) return undefined;
      const unread = this.#batch.length - this.#index;
      this.#drained -= unread;
      this.#batch = EMPTY;
      this.#index = 0;
      this.#limit = 0;
      this.#end();
      while (this.#first !== null) this.#shift().resolve(done());
      return unread;
    }

    /** Tells the port, and gives its cleanup. */
    #cancel(unread) {
      let cleanup;
      try {
        cleanup = this.#port.cancel(unread);
      } catch (reason) {
        cleanup = Promise.reject(reason);
      }
      // Whoever returns or throws waits for it; an abort has nobody to tell.
      cleanup?.catch(() => {});
      this.#tellEnd(undefined);
      return cleanup;
    }

    #end() {
      this.#state = ENDED;
      if (this.#release === undefined) return;
      forgotten.unregister(this.#release);
      this.#release();
      this.#release = undefined;
    }

    get #kind() {
      return this.#port.kind ?? 'AsyncIterableBridge';
    }

    #enter(state, channel) {
      this.#state = state;
      this.#tell(channel);
    }

    /**
     * Tells the subscribers of a channel, who may call back into the stream: so whoever asks for an
     * item has been answered before, or has a place in the list.
     */
    #tell(channel) {
      if (channel.hasSubscribers) channel.publish({ stream: this, kind: this.#kind });
    }

    #tellEnd(error) {
      if (!channels.end.hasSubscribers) return;
      const { state } = this.#port.stats();
      channels.end.publish({ stream: this, kind: this.#kind, state, error });
    }
  }

  const { isBridge, isOpen, serve, nextBatch, describe, abortOn } = AsyncIterableBridge;
  for (const name of ['isBridge', 'isOpen', 'serve', 'nextBatch', 'describe', 'abortOn'])
    delete AsyncIterableBridge[name];

  const remember = observers.rememberAll(isOpen, describe);

  const open = (port, timeSlice) => {
    const stream = new AsyncIterableBridge(KEY, port, timeSlice);
    remember(stream, open);
    return stream;
  };

  /** The same stream, a whole batch at a time. */
  class Batches {
    #stream;

    constructor(key, stream) {
      if (key !== KEY) throw illegalConstructor();
      this.#stream = stream;
    }

    static #of(value) {
      return typeof value === 'object' && value !== null && #stream in value
        ? value.#stream
        : undefined;
    }

    next() {
      const stream = Batches.#of(this);
      return stream === undefined ? rejectReceiver('next', this) : nextBatch(stream);
    }

    return(value) {
      const stream = Batches.#of(this);
      return stream === undefined ? rejectReceiver('return', this) : stream.return(value);
    }

    throw(reason) {
      const stream = Batches.#of(this);
      return stream === undefined ? rejectReceiver('throw', this) : stream.throw(reason);
    }

    [Symbol.asyncDispose]() {
      const stream = Batches.#of(this);
      return stream === undefined
        ? rejectReceiver('[Symbol.asyncDispose]', this)
        : stream[Symbol.asyncDispose]();
    }
  }

  for (const { prototype } of [AsyncIterableBridge, Batches]) {
    Object.setPrototypeOf(prototype, AsyncIteratorPrototype);
  }
  Object.defineProperty(AsyncIterableBridge.prototype, Symbol.toStringTag, {
    value: 'AsyncIterableBridge',
    configurable: true,
  });
  // What `from()` of node:stream/iter looks for, before it would take single items: whatever it
  // finds here may yield arrays of Uint8Array, which it then passes on as they are
  // (https://nodejs.org/api/stream_iter.html, "Stream.toAsyncStreamable").
  Object.defineProperty(AsyncIterableBridge.prototype, Symbol.for('Stream.toAsyncStreamable'), {
    value: AsyncIterableBridge.prototype.batches,
    writable: true,
    configurable: true,
  });

  function illegalConstructor() {
    const error = new TypeError('Illegal constructor');
    error.code = 'ERR_ILLEGAL_CONSTRUCTOR';
    return error;
  }

  /** As for an async generator: a wrong `this` rejects, and never throws. */
  function rejectReceiver(method, receiver) {
    let type = receiver === null ? 'null' : typeof receiver;
    if (type === 'object') type = Object.prototype.toString.call(receiver);
    const error = new TypeError(
      `AsyncIterableBridge.prototype.${method} was called on an incompatible receiver: ${type}`,
    );
    error.code = 'ERR_INVALID_THIS';
    return Promise.reject(error);
  }

  return {
    AsyncIterableBridge,
    PARKED,
    CLOSED,
    Failure,
    open,
    /** A port calls it when a stream that it had parked can drain again. */
    wake: serve,
    abortOn,
    openStreams,
    addOpenStreams,
  };
};
