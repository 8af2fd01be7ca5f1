/*
 * The iterator of every kind of stream. The file is an expression: a function that takes the object of
 * observers.js and the functions of stack-reserve.js and batches.js, and defines the class for one environment.
 *
 * A stream takes its items from an *underlying source*, here "source": an object with
 *
 *   drain(stream)   returns an array of items, or the number of further links of the source's chain that may be
 *                   taken; at least one of either. Or it returns PARKED: nothing yet, the source will call
 *                   wake(stream). Or CLOSED or a Failure: the end. Starts the producer. If it throws, it has
 *                   taken nothing.
 *   start(yielded)  optional: the stream has yielded to the event loop until `yielded.stream` is null. Starts the
 *                   producer, unless drain() has started it
 *   cancel(unread)  the consumer has left `unread` drained items; may return a promise of the producer's
 *                   cleanup. Called at most once, never after the consumer has seen the end.
 *   stats()         returns the counters of `BridgeStats` in index.d.ts, without `delivered`
 *   kind            optional: the name of such streams in the list of open streams
 *
 * A stream ends once: by the source's end, by return() or throw(), or by an aborted signal. From then
 * on every next() is done.
 *
 * A batch is an array, or a part of the chain of links `{ item, next }` that some sources have. The iterator may
 * append a link that it has read to the end of the chain, for the source to use again. next() serves a batch by
 * itself up to #limit or #floor; then it asks the clock or the source. Requests that cannot be answered at once
 * wait in a list, in call order, and no request overtakes another.
 *
 * Any call may throw because the stack is used up. The frequent ones (next() of a stream that flows, and
 * handOver()) undo their changes. All others reserve stack before they change anything.
 *
 * The script takes the engine's methods when it is evaluated, and looks up none of its own properties through
 * a prototype of the program. Changes that a program makes to prototypes afterwards have no effect here.
 */
(observers, stackReserve, defineBatches) => {
  'use strict';

  const { channels, openStreams, addOpenStreams } = observers;

  const AsyncIteratorPrototype = Object.getPrototypeOf(
    Object.getPrototypeOf(async function* () {}).prototype,
  );

  // Tests replace the global ones with clocks that do not advance, and a stream must not stop with them.
  const { setImmediate } = globalThis;
  const now = performance.now.bind(performance);

  const { Promise: EnginePromise, WeakRef: EngineWeakRef } = globalThis;
  const { from, isArray } = Array;
  const { min } = Math;
  const resolved = Promise.resolve.bind(Promise);
  const rejected = Promise.reject.bind(Promise);

  /** Makes a function of a method, with the receiver as its first argument. */
  const uncurry = Function.prototype.bind.bind(Function.prototype.call);
  const deref = uncurry(WeakRef.prototype.deref);
  const register = uncurry(FinalizationRegistry.prototype.register);
  const unregister = uncurry(FinalizationRegistry.prototype.unregister);
  const toStringOf = uncurry(Object.prototype.toString);

  const reserveStack = {
    begin: stackReserve(),
    yield: stackReserve(),
    wait: stackReserve(),
    conclude: stackReserve(),
    leave: stackReserve(Number.POSITIVE_INFINITY),
    abort: stackReserve(Number.POSITIVE_INFINITY),
  };

  /** Throws an error in an immediate, so that no call of a stream fails, as Node does with errors of subscribers. */
  const report = (error) => {
    setImmediate(() => {
      throw error;
    });
  };

  const EMPTY = Object.freeze([]);

  /** The answers of a source, and the outcomes of #prepare and #advance. */
  const PARKED = Symbol('parked');
  const CLOSED = Symbol('closed');
  const READY = Symbol('ready');
  const YIELDED = Symbol('yielded');
  const BLOCKED = Symbol('blocked');
  class Failure {
    reason;

    constructor(reason) {
      this.reason = reason;
    }
  }

  /** The kinds of requests. */
  const ITEM = 0;
  const BATCH = 1;
  const RETURN = 2;
  const THROW = 3;

  /** The states. Each leads only to later ones. */
  const UNASKED = 0; // no call has asked for an item
  const ASKED = 1; // no item has come yet
  const FLOWING = 2;
  const ABORTED = 3; // the next request rejects with the signal's reason
  const ENDED = 4;

  /** The most items between two readings of the clock. One reading costs as much as a whole item. */
  const LONGEST_STRIDE = 64;

  const done = () => ({ value: undefined, done: true });

  /**
   * The time for which this environment has delivered items without a turn of the event loop.
   *
   * A program learns that the loop has turned only from a callback that it asked for. So when half of
   * a slice's time has passed, one immediate is set. If it runs, the loop has turned and a new slice
   * begins. If the time is over before it has run, delivery stops until it runs. A stream that is idle
   * most of the time therefore never waits, and costs no immediate per item.
   *
   * The time is half of the requested time, because one turn of the loop can deliver twice between
   * two checks of its timers: in the callback of a wake, and in the immediate.
   *
   * The streams that have yielded, which wait for the immediate, are a list, from `first` to `last`.
   */
  const slice = { start: Number.NEGATIVE_INFINITY, hasImmediate: false, first: null, last: null };

  const beginSlice = () => {
    slice.start = now();
    slice.hasImmediate = false;
    let yielded = slice.first;
    slice.first = null;
    slice.last = null;
    for (; yielded !== null; yielded = yielded.next) {
      const { stream } = yielded;
      yielded.stream = null;
      try {
        if (stream !== null) serve(stream);
      } catch (error) {
        report(error);
      }
    }
  };

  const isSliceOver = (time, timeSlice, isReserved) => {
    const length = timeSlice / 2;
    const half = length / 2;
    if (time - slice.start < half) return false;
    if (slice.hasImmediate && time - slice.start < length) return false;
    if (!isReserved) reserveStack.yield();
    if (slice.hasImmediate) return true;
    setImmediate(beginSlice);
    slice.hasImmediate = true;
    slice.start = time - half;
    return false;
  };

  /** Awaits a call of return(), and discards its result. */
  const disposed = async (left) => {
    await left;
  };

  /** Marks a promise as handled, even if no call awaits it. */
  const markHandled = async (promise) => {
    try {
      await promise;
    } catch {
      // A call that also awaits it rejects.
    }
  };

  /** Makes a listener that never throws: an error would end the process, and the event comes only once. */
  const abortListener = (abort, abortLater) => () => {
    try {
      abort();
    } catch {
      abortLater();
    }
  };
  // Calls one here, so that it is compiled: compiling needs more stack than running.
  abortListener(
    () => {},
    () => {},
  )();

  /** The registry that removes the abort listeners of streams that were collected. */
  const forgotten = new FinalizationRegistry((release) => release());

  const KEY = Symbol('AsyncIterableBridge');

  /** The functions of this file that use the private state of a stream. */
  let access;

  class AsyncIterableBridge {
    /**
     * A stream that keeps the hidden classes of streams and requests alive while there are no others. Without
     * them, V8 would discard the code that it has optimized for them, and every garbage collection would make
     * the next stream slow. Its times are not integers, because V8 makes a different class for fields that have
     * held only integers.
     */
    static #classAnchor = new AsyncIterableBridge(KEY, null, 0.5);

    static {
      AsyncIterableBridge.#classAnchor.#wait(ITEM);
    }

    #source;
    #timeSlice;
    #state = UNASKED;
    /** The batch, if it is an array. It has been read up to #index. */
    #batch = EMPTY;
    #index = 0;
    /** The index up to which next() reads the batch by itself. */
    #limit = 0;
    /** The link of the chain that was taken last. The #unread links that follow it are the batch. */
    #link;
    #unread = 0;
    /** The number of unread links down to which next() takes them by itself. */
    #floor = 0;
    /** The number of items that may still be granted before the clock is read. */
    #budget = 0;
    #stride = 1;
    #clockReadAt = Number.NaN;
    #noYieldUntil = Number.NEGATIVE_INFINITY;
    #drained = 0;
    /** The list of requests that wait. The first one has a reference to the last. */
    #first = null;
    /** Whether the source has woken the stream before there was a request. */
    #wasWoken = false;
    /** The answer of the source, until the stream has handled it. */
    #outcome;
    #reason;
    #release;

    constructor(key, source, timeSlice, link) {
      if (key !== KEY) throw illegalConstructor();
      this.#source = source;
      this.#timeSlice = timeSlice;
      this.#link = link;
    }

    /** Returns a promise of the next item. Its parameter is unused, and there because generators have one. */
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
          return resolved({ value: this.#batch[index], done: false });
        } catch (error) {
          this.#index = index;
          throw error;
        }
      }
      if (this.#unread === this.#floor) {
        const outcome = this.#prepare();
        if (outcome === PARKED && !channels.park.hasSubscribers) {
          // Does what #wait does, but here the executor needs no more stack than #prepare had.
          let request;
          const waiting = new EnginePromise((resolve, reject) => {
            request = { kind: ITEM, resolve, reject, next: null, last: null };
          });
          if (request !== undefined) this.#append(request);
          return waiting;
        }
        if (outcome !== READY) return this.#answerWithoutItem(ITEM, outcome);
        if (this.#unread === 0) return this.#answerWithItem();
      }
      return this.#answerWithLink();
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
      return disposed(this.#leave(RETURN));
    }

    batches() {
      return new Batches(KEY, isBridge(this) ? this : undefined);
    }

    get stats() {
      return this.#stats();
    }

    static {
      access = {
        isBridge: (value) => typeof value === 'object' && value !== null && #source in value,

        serve: (stream) => stream.#serve(),

        nextBatch: (stream) => {
          const outcome = stream.#prepare();
          return outcome === READY
            ? stream.#answerWithBatch()
            : stream.#answerWithoutItem(BATCH, outcome);
        },

        leave: (stream, kind, value) => stream.#leave(kind, value),

        /**
         * Answers the waiting request with an item, if it is the only request, asks for an item, and needs no other
         * work. Returns whether it did. For a source that has parked and has nothing else to deliver.
         */
        handOver: (stream, item) => {
          const request = stream.#first;
          if (request === null || request.next !== null || request.kind !== ITEM) return false;
          if (stream.#state !== FLOWING || stream.#budget === 0) return false;
          stream.#first = null;
          stream.#budget--;
          stream.#drained++;
          try {
            request.resolve({ value: item, done: false });
          } catch (error) {
            stream.#first = request;
            stream.#budget++;
            stream.#drained--;
            throw error;
          }
          return true;
        },

        /** Returns the number of items of its source's chain that a stream has taken and not read. */
        unread: (stream) => stream.#unread,

        /**
         * Serves a stream that has yielded, and lets it yield again after the usual time. For a producer that itself keeps
         * the event loop from turning.
         */
        resumeEarly: (yielded) => {
          const { stream } = yielded;
          yielded.stream = null;
          stream.#noYieldUntil = now() + stream.#timeSlice / 2;
          stream.#budget = LONGEST_STRIDE;
          stream.#serve();
        },

        /** Describes an open stream, for the list of all open streams. */
        describe: (stream) => ({
          kind: stream.#kind,
          isAwaited: stream.#first !== null,
          ...stream.#stats(),
        }),

        isOpen: (stream) => stream.#state !== ENDED,

        abortOn: (stream, signal) => {
          if (signal.aborted) {
            stream.#abort(signal.reason);
            return;
          }
          // The signal may outlive the stream by far, and must not keep it alive.
          const reference = new EngineWeakRef(stream);
          const abort = () => deref(reference)?.#abort(signal.reason);
          let abortLater;
          const retry = new EnginePromise((resolve) => {
            abortLater = resolve;
          });
          (async () => {
            await retry;
            abort();
          })();
          const listener = abortListener(abort, abortLater);
          const release = () => signal.removeEventListener('abort', listener);
          signal.addEventListener('abort', listener, { once: true });
          register(forgotten, stream, release, release);
          stream.#release = release;
        },
      };
    }

    /** Does what #advance does, but returns BLOCKED if requests wait. */
    #prepare() {
      const flows = this.#state === FLOWING && this.#first === null && this.#budget > 0;
      return flows ? this.#refill() : this.#begin();
    }

    #begin() {
      if (this.#state !== FLOWING) reserveStack.begin();
      if (this.#state === UNASKED) this.#enter(ASKED, channels.start);
      return this.#first === null ? this.#advance(false) : BLOCKED;
    }

    /** Answers a request for which there is no item. */
    #answerWithoutItem(kind, outcome) {
      if (outcome === YIELDED) return this.#wait(kind);
      if (outcome === BLOCKED || outcome === PARKED) {
        reserveStack.wait();
        const waiting = this.#wait(kind);
        if (outcome === PARKED) this.#publish(channels.park);
        return waiting;
      }
      reserveStack.conclude();
      this.#conclude(outcome);
      return outcome === CLOSED ? resolved(done()) : rejected(outcome.reason);
    }

    /** Answers at once, or throws and has taken nothing. The next two methods do the same. */
    #answerWithLink() {
      const before = this.#link;
      const link = before.next;
      this.#link = link;
      this.#unread--;
      let answer;
      try {
        answer = resolved({ value: link.item, done: false });
      } catch (error) {
        this.#link = before;
        this.#unread++;
        throw error;
      }
      link.item = undefined;
      before.next = null;
      if (link.next === null) link.next = before;
      if (this.#state === ASKED) this.#enter(FLOWING, channels.firstItem);
      return answer;
    }

    #answerWithItem() {
      const index = this.#index;
      this.#index = index + 1;
      let answer;
      try {
        answer = resolved({ value: this.#batch[index], done: false });
      } catch (error) {
        this.#index = index;
        throw error;
      }
      if (this.#state === ASKED) this.#enter(FLOWING, channels.firstItem);
      return answer;
    }

    #answerWithBatch() {
      this.#trim();
      const batch = this.#batch;
      this.#batch = EMPTY;
      let answer;
      try {
        answer = resolved({ value: batch, done: false });
      } catch (error) {
        this.#batch = batch;
        throw error;
      }
      if (this.#state === ASKED) this.#enter(FLOWING, channels.firstItem);
      return answer;
    }

    #wait(kind) {
      let request;
      const waiting = new EnginePromise((resolve, reject) => {
        request = { kind, resolve, reject, next: null, last: null };
      });
      this.#append(request);
      return waiting;
    }

    #append(request) {
      const first = this.#first;
      if (first === null) this.#first = request;
      else if (first.last === null) first.next = request;
      else first.last.next = request;
      if (first !== null) first.last = request;
      // A hook of the program, which is called when a promise is made, has caused the source to wake the stream.
      if (this.#wasWoken) this.#serveSoon();
    }

    async #serveSoon() {
      await undefined;
      this.#serve();
    }

    #shift() {
      const request = this.#first;
      const { next } = request;
      if (next !== null && next !== request.last) next.last = request.last;
      this.#first = next;
      return request;
    }

    /** Returns READY if there is an item, PARKED or YIELDED if #serve will be called, or the end, for #conclude. */
    #advance(isReserved) {
      if (this.#state === ENDED) return CLOSED;
      if (this.#state === ABORTED) return new Failure(this.#reason);
      if (this.#budget === 0 && this.#mustYield(isReserved)) {
        this.#revokeGrant();
        const yielded = { stream: this, next: null };
        this.#source.start?.(yielded);
        if (slice.first === null) slice.first = yielded;
        else slice.last.next = yielded;
        slice.last = yielded;
        return YIELDED;
      }
      return this.#refill();
    }

    /** Drains the source if the batch is used up, and grants the next items. */
    #refill() {
      if (this.#unread === 0 && this.#index === this.#batch.length) {
        let outcome = this.#outcome;
        this.#wasWoken = false;
        if (outcome === undefined) outcome = this.#source.drain(this);
        if (outcome === PARKED) return PARKED;
        if (typeof outcome !== 'number') return this.#take(outcome);
        this.#unread = outcome;
        this.#drained += outcome;
        if (outcome <= this.#budget) {
          this.#floor = 0;
          this.#budget -= outcome;
          return READY;
        }
      }
      if (this.#unread > 0) this.#floor = this.#unread - this.#grant(this.#unread);
      else this.#limit = this.#index + this.#grant(this.#batch.length - this.#index);
      return READY;
    }

    /** Makes an array the batch, or keeps an end until #conclude. */
    #take(outcome) {
      this.#outcome = outcome;
      if (!isArray(outcome)) return outcome;
      this.#outcome = undefined;
      this.#batch = outcome;
      this.#index = 0;
      this.#drained += outcome.length;
      this.#limit = this.#grant(outcome.length);
      return READY;
    }

    /** Grants some of these items. Returns how many may be taken before the clock is read. */
    #grant(items) {
      const granted = min(items, this.#budget);
      this.#budget -= granted;
      return granted;
    }

    /** Takes back the granted items, so that no later request overtakes those that wait. */
    #revokeGrant() {
      this.#budget += this.#limit - this.#index + this.#unread - this.#floor;
      this.#limit = this.#index;
      this.#floor = this.#unread;
    }

    /** Reads the clock, and adapts the stride to the time a consumer takes for an item. Returns whether to yield. */
    #mustYield(isReserved) {
      const time = now();
      const isSlow = time - this.#clockReadAt > this.#timeSlice / 8;
      this.#clockReadAt = time;
      if (isSlow) this.#stride = this.#stride < 4 ? 1 : this.#stride >> 2;
      else if (this.#stride < LONGEST_STRIDE) this.#stride *= 2;
      if (time >= this.#noYieldUntil && isSliceOver(time, this.#timeSlice, isReserved)) return true;
      this.#budget = this.#stride;
      return false;
    }

    /** Makes the batch an array of its unread items. The consumer gets this array, and may change it. */
    #trim() {
      let batch = this.#batch;
      if (this.#unread > 0) {
        // With own elements, so that no item reaches a setter of a prototype.
        const length = this.#unread;
        batch = from({ __proto__: null, length });
        let link = this.#link;
        for (let index = 0; index < length; index++) {
          link = link.next;
          batch[index] = link.item;
        }
        link.item = undefined;
        this.#link = link;
        this.#unread = 0;
        this.#floor = 0;
        this.#batch = batch;
      } else if (this.#index > 0) {
        const start = this.#index;
        const length = batch.length - start;
        for (let index = 0; index < length; index++) batch[index] = batch[start + index];
        batch.length = length;
      }
      this.#index = 0;
      this.#limit = 0;
    }

    /** Takes an item or the whole batch, as a waiting request asks. */
    #pick(kind) {
      if (kind === BATCH) {
        this.#trim();
        const value = this.#batch;
        this.#batch = EMPTY;
        return value;
      }
      if (this.#unread === 0) return this.#batch[this.#index++];
      const before = this.#link;
      const link = before.next;
      const value = link.item;
      this.#link = link;
      this.#unread--;
      link.item = undefined;
      before.next = null;
      if (link.next === null) link.next = before;
      return value;
    }

    /** Answers waiting requests in order, until one cannot be answered yet. */
    #serve() {
      this.#wasWoken = this.#first === null;
      while (this.#first !== null) {
        const request = this.#first;
        const { kind } = request;
        if (kind === THROW && request.cleanup === undefined) {
          this.#shift();
          request.reject(request.value);
          continue;
        }
        if (kind === RETURN || kind === THROW) {
          this.#settleLeaving(request);
          return;
        }
        const outcome = this.#advance(true);
        // Code of the program, which the source has called, has ended the stream and so settled the request.
        if (this.#first !== request) continue;
        switch (outcome) {
          case YIELDED:
            return;
          case PARKED:
            this.#publish(channels.park);
            return;
          case READY: {
            const value = this.#pick(kind);
            this.#shift().resolve({ value, done: false });
            this.#revokeGrant();
            if (this.#state === ASKED) this.#enter(FLOWING, channels.firstItem);
            break;
          }
          default: {
            this.#conclude(outcome);
            this.#shift();
            if (outcome === CLOSED) request.resolve(done());
            else request.reject(outcome.reason);
          }
        }
      }
    }

    /** Serves return() and throw(): settles the requests for items, cancels, then settles the call itself. */
    #leave(kind, value) {
      reserveStack.leave();
      const unread = this.#close();
      const isFirst = this.#first === null;
      // Appended before the producer is cancelled, because the producer may call back into the stream.
      let request;
      const left = new EnginePromise((resolve, reject) => {
        request = {
          kind,
          resolve,
          reject,
          next: null,
          last: null,
          value,
          cleanup: undefined,
          isSettling: false,
        };
      });
      this.#append(request);
      if (unread !== undefined) request.cleanup = this.#cancel(unread);
      if (isFirst) this.#serve();
      return left;
    }

    /**
     * Settles a return() or throw() that has become the first in the list. It stays the first until it is
     * settled, so that later requests are answered in call order. Uses `await`, which does not look up the
     * `then` of a promise, and catches an error that its `constructor` throws.
     */
    async #settleLeaving(request) {
      if (request.isSettling) return;
      request.isSettling = true;
      let settle = request.reject;
      let { value } = request;
      try {
        if (request.kind === RETURN) {
          value = { value: await value, done: true };
          settle = request.resolve;
        }
      } catch (reason) {
        value = reason;
      }
      try {
        if (request.cleanup !== undefined) await request.cleanup;
      } catch (reason) {
        settle = request.reject;
        value = reason;
      }
      this.#shift();
      settle(value);
      this.#serve();
    }

    #abort(reason) {
      if (this.#state >= ABORTED) return;
      reserveStack.abort();
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
     * Ends the stream if it is still open, and settles the requests for items. Returns the number of unread
     * items that have crossed, with which #cancel must be called next; undefined if the stream was not open.
     */
    #close() {
      if (this.#state >= ABORTED) {
        this.#state = ENDED;
        return undefined;
      }
      let unread = this.#batch.length - this.#index + this.#unread;
      this.#drained -= unread;
      if (isArray(this.#outcome)) unread += this.#outcome.length;
      this.#finish();
      while (this.#first !== null) this.#shift().resolve(done());
      return unread;
    }

    /** Cancels the source, and returns its cleanup. */
    #cancel(unread) {
      let cleanup;
      try {
        cleanup = this.#source.cancel(unread);
      } catch (reason) {
        cleanup = rejected(reason);
      }
      if (cleanup !== undefined) markHandled(cleanup);
      this.#publishEnd(undefined);
      return cleanup;
    }

    /** Ends the stream with the source's answer, or with the signal's reason. */
    #conclude(outcome) {
      const wasOpen = this.#state < ABORTED;
      this.#finish();
      if (wasOpen) this.#publishEnd(outcome === CLOSED ? undefined : outcome.reason);
    }

    #finish() {
      this.#state = ENDED;
      this.#batch = EMPTY;
      this.#index = 0;
      this.#limit = 0;
      this.#link = undefined;
      this.#unread = 0;
      this.#floor = 0;
      this.#outcome = undefined;
      const release = this.#release;
      if (release === undefined) return;
      this.#release = undefined;
      unregister(forgotten, release);
      try {
        release();
      } catch (error) {
        report(error); // of a signal that is no AbortSignal
      }
    }

    get #kind() {
      return this.#source.kind ?? 'AsyncIterableBridge';
    }

    #stats() {
      const delivered = this.#drained - (this.#batch.length - this.#index) - this.#unread;
      return { ...this.#source.stats(), delivered };
    }

    #enter(state, channel) {
      this.#state = state;
      this.#publish(channel);
    }

    /**
     * Publishes to the subscribers of a channel. They may call back into the stream, so the request has already
     * been answered, or is in the list.
     */
    #publish(channel) {
      try {
        if (channel.hasSubscribers) channel.publish({ stream: this, kind: this.#kind });
      } catch (error) {
        report(error);
      }
    }

    #publishEnd(error) {
      try {
        if (!channels.end.hasSubscribers) return;
        const { state } = this.#source.stats();
        channels.end.publish({ stream: this, kind: this.#kind, state, error });
      } catch (failure) {
        report(failure);
      }
    }
  }

  const {
    isBridge,
    isOpen,
    serve,
    nextBatch,
    leave,
    handOver,
    unread,
    resumeEarly,
    describe,
    abortOn,
  } = access;

  const remember = observers.rememberAll(isOpen, describe);

  /** Opens a stream. `link` is the one before the first link of the source's chain. */
  const open = (source, timeSlice, link) => {
    const stream = new AsyncIterableBridge(KEY, source, timeSlice, link);
    remember(stream, open);
    return stream;
  };

  const Batches = defineBatches({
    KEY,
    illegalConstructor,
    rejectReceiver,
    nextBatch,
    leaveByReturn: (stream, value) => leave(stream, RETURN, value),
    leaveByThrow: (stream, reason) => leave(stream, THROW, reason),
    disposed,
  });

  for (const { prototype } of [AsyncIterableBridge, Batches]) {
    Object.setPrototypeOf(prototype, AsyncIteratorPrototype);
  }
  Object.defineProperty(AsyncIterableBridge.prototype, Symbol.toStringTag, {
    value: 'AsyncIterableBridge',
    configurable: true,
  });
  // `from()` of node:stream/iter looks for this method before it takes single items. The iterable that
  // the method returns may yield arrays of Uint8Array, which `from()` passes on unchanged
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

  /** Rejects a call with a wrong `this`, as an async generator does; never throws. */
  function rejectReceiver(method, receiver) {
    let type = receiver === null ? 'null' : typeof receiver;
    try {
      if (type === 'object') type = toStringOf(receiver);
    } catch {
      // A proxy, or a getter of the receiver, throws.
    }
    const error = new TypeError(
      `AsyncIterableBridge.prototype.${method} was called on an incompatible receiver: ${type}`,
    );
    error.code = 'ERR_INVALID_THIS';
    return rejected(error);
  }

  return {
    AsyncIterableBridge,
    PARKED,
    CLOSED,
    Failure,
    open,
    handOver,
    unread,
    resumeEarly,
    stackReserve,
    uncurry,
    /** Serves a stream. A source calls it when a stream that it had parked can drain again. */
    wake: serve,
    abortOn,
    openStreams,
    addOpenStreams,
    leaveByReturn: (stream) => leave(stream, RETURN),
  };
};
