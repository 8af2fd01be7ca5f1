/*
 * The one iterator behind every kind of stream. It is an expression: a function of what observers.js
 * makes, that defines the class for one environment.
 *
 * A stream takes its items from a *port*, an object with
 *
 *   drain(stream)   an array of items, or how many more links of the port's chain may be taken; at least one.
 *                   Or PARKED: nothing yet, the port will call wake(stream). Or CLOSED, or a Failure: the end.
 *                   Starts the producer. If it throws, it has taken nothing.
 *   start(resting)  optional: the stream rests for the event loop, until `resting.stream` is null. Starts the
 *                   producer, if drain() has not yet
 *   cancel(unread)  the consumer has left `unread` drained items; may return a promise of the producer's
 *                   cleanup. Called at most once, never after the consumer has seen the end.
 *   stats()         the counters of `BridgeStats` in index.d.ts, without `delivered`
 *   kind            optional: what such streams are called where they are listed
 *
 * A stream ends once: by the port's end, by return() or throw(), or by an aborted signal. From then
 * on every next() is done.
 *
 * A batch is an array, or a part of the chain of links `{ item, next }` that some ports have. There, a link
 * that has been read may follow the last one: the port can use it again. next() serves a batch alone up to
 * #limit or #floor; then the clock or the port is asked. Requests that cannot be answered at once wait in a
 * list, in call order, and no request overtakes another.
 *
 * Any call may throw for want of stack. The frequent ones (next() of a stream that flows, and handOver())
 * undo what they have changed. All others reserve stack before they change anything.
 *
 * The script takes the engine's methods when it is evaluated, and looks up no property of ours through a
 * prototype of the program's. What a program does to prototypes afterwards changes nothing here.
 *
 * An environment evaluates this file as one script. Most of it is one class, whose parts share what is
 * private to a stream.
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

  /** Calls itself; its arguments make the frames large. */
  const descend = (levels, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) =>
    levels === 0 ? 0 : descend(levels - 1, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) + 1;

  /** Frames of `descend` that have 5 KiB at least, more than any call of ours needs. */
  const FEW_LEVELS = 32;

  /** Frames that have 50 KiB: V8 compiles a function, when it is called first, only if 40 KiB are left. */
  const MANY_LEVELS = 256;

  /** Calls from one place, after which the engine has compiled all that is called there. */
  const FIRST_CALLS = 1000;

  /**
   * Makes a function, for one place of the code, that throws the RangeError of a stack overflow unless the stack
   * has space for what follows there: as calls that come first need it, or as all may.
   */
  const stackReserve = (firstCalls = FIRST_CALLS) => {
    let calls = 0;
    return () => {
      const levels = calls < firstCalls ? MANY_LEVELS : FEW_LEVELS;
      descend(levels, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
      calls++;
    };
  };
  const reserve = {
    begin: stackReserve(),
    rest: stackReserve(),
    wait: stackReserve(),
    conclude: stackReserve(),
    leave: stackReserve(Number.POSITIVE_INFINITY),
    abort: stackReserve(Number.POSITIVE_INFINITY),
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
  const BLOCKED = Symbol('blocked');
  class Failure {
    reason;

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
  const UNASKED = 0; // no call has asked for an item
  const ASKED = 1; // none has come
  const FLOWING = 2;
  const ABORTED = 3; // the next request rejects with the signal's reason
  const ENDED = 4;

  /** Items at most between two looks at the clock, one of which costs as much as a whole item. */
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
   *
   * The streams that rest are a list, from `first` to `last`.
   */
  const slice = { start: Number.NEGATIVE_INFINITY, isMarked: false, first: null, last: null };

  const turned = () => {
    slice.start = now();
    slice.isMarked = false;
    let resting = slice.first;
    slice.first = null;
    slice.last = null;
    for (; resting !== null; resting = resting.next) {
      const { stream } = resting;
      resting.stream = null;
      try {
        if (stream !== null) serve(stream);
      } catch (error) {
        report(error);
      }
    }
  };

  const isSpent = (time, timeSlice, isReserved) => {
    const length = timeSlice / 2;
    const half = length / 2;
    if (time - slice.start < half) return false;
    if (slice.isMarked && time - slice.start < length) return false;
    if (!isReserved) reserve.rest();
    if (slice.isMarked) return true;
    setImmediate(turned);
    slice.isMarked = true;
    slice.start = time - half;
    return false;
  };

  /** Awaits a call of return(), the result of which nobody needs. */
  const disposed = async (left) => {
    await left;
  };

  /** Marks a promise as handled, also where no call awaits it. */
  const handled = async (promise) => {
    try {
      await promise;
    } catch {
      // A call that awaits it as well rejects.
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
  // To be compiled, it would need more stack than it needs to run.
  abortListener(
    () => {},
    () => {},
  )();

  /** Removes the abort listeners of streams that were forgotten. */
  const forgotten = new FinalizationRegistry((release) => release());

  const KEY = Symbol('AsyncIterableBridge');

  class AsyncIterableBridge {
    /**
     * Keeps the hidden classes of streams and requests alive while there are none. With them would go what
     * V8 has optimized for them, and every collection of garbage would make the next stream a slow one. Its
     * times are no integers, because V8 makes another class of what has only had integers there.
     */
    static #eternal = new AsyncIterableBridge(KEY, null, 0.5);

    static {
      AsyncIterableBridge.#eternal.#wait(ITEM);
    }

    #port;
    #timeSlice;
    #state = UNASKED;
    /** The batch, if it is an array, which was read up to #index. */
    #batch = EMPTY;
    #index = 0;
    /** Up to where next() reads it by itself. */
    #limit = 0;
    /** The link of the chain that was taken last, and how many more of them are the batch. */
    #link;
    #unread = 0;
    /** Down to how many next() takes them by itself. */
    #floor = 0;
    /** How many more items may be granted before a look at the clock. */
    #budget = 0;
    #stride = 1;
    #lookedAt = Number.NaN;
    #pressedUntil = Number.NEGATIVE_INFINITY;
    #drained = 0;
    /** The list of requests that wait, of which the first knows the last. */
    #first = null;
    /** Whether the port has woken the stream before there was a request. */
    #wasWoken = false;
    /** What the port has answered, until the stream has dealt with it. */
    #outcome;
    #reason;
    #release;

    constructor(key, port, timeSlice, link) {
      if (key !== KEY) throw illegalConstructor();
      this.#port = port;
      this.#timeSlice = timeSlice;
      this.#link = link;
    }

    /** Has a parameter, as generators have it, and does not read it. */
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
          // As #wait, but here the executor needs no more stack than #prepare had.
          let request;
          const waiting = new EnginePromise((resolve, reject) => {
            request = { kind: ITEM, resolve, reject, next: null, last: null };
          });
          if (request !== undefined) this.#append(request);
          return waiting;
        }
        if (outcome !== READY) return this.#requestInVain(ITEM, outcome);
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

    static isBridge = (value) => typeof value === 'object' && value !== null && #port in value;

    static serve = (stream) => stream.#serve();

    static nextBatch = (stream) => {
      const outcome = stream.#prepare();
      return outcome === READY ? stream.#answerWithBatch() : stream.#requestInVain(BATCH, outcome);
    };

    static leave = (stream, kind, value) => stream.#leave(kind, value);

    /**
     * Answers the request that waits for an item, if there is one alone and that is all there is to do. Returns
     * whether it did. For a port that has parked and has nothing else to deliver.
     */
    static handOver = (stream, item) => {
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
    };

    /** How many items of its port's chain a stream has that has not read them. */
    static unread = (stream) => stream.#unread;

    /**
     * Serves a stream that rests, and has it rest again after as long as usual. For a producer that keeps the
     * loop from turning itself.
     */
    static press = (resting) => {
      const { stream } = resting;
      resting.stream = null;
      stream.#pressedUntil = now() + stream.#timeSlice / 2;
      stream.#budget = LONGEST_STRIDE;
      stream.#serve();
    };

    /** Describes a stream that is open, for the list of all. */
    static describe = (stream) => ({
      kind: stream.#kind,
      isAwaited: stream.#first !== null,
      ...stream.#stats(),
    });

    static isOpen = (stream) => stream.#state !== ENDED;

    static abortOn = (stream, signal) => {
      if (signal.aborted) {
        stream.#abort(signal.reason);
        return;
      }
      // The signal may outlive the stream by far, and must not keep it.
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
    };

    /** Does what #advance does, unless requests wait: then BLOCKED. */
    #prepare() {
      const flows = this.#state === FLOWING && this.#first === null && this.#budget > 0;
      return flows ? this.#refill() : this.#begin();
    }

    #begin() {
      if (this.#state !== FLOWING) reserve.begin();
      if (this.#state === UNASKED) this.#enter(ASKED, channels.start);
      return this.#first === null ? this.#advance(false) : BLOCKED;
    }

    /** Answers a request for which there is no item. */
    #requestInVain(kind, outcome) {
      if (outcome === RESTING) return this.#wait(kind);
      if (outcome === BLOCKED || outcome === PARKED) {
        reserve.wait();
        const waiting = this.#wait(kind);
        if (outcome === PARKED) this.#tell(channels.park);
        return waiting;
      }
      reserve.conclude();
      this.#conclude(outcome);
      return outcome === CLOSED ? resolved(done()) : rejected(outcome.reason);
    }

    /** Answers at once; or throws, and has taken nothing. So do the following two. */
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
      // A hook of the program, which is called when a promise is made, has had the port wake the stream.
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

    /** READY: #take has an item. PARKED, RESTING: #serve will be called. Or the end, for #conclude. */
    #advance(isReserved) {
      if (this.#state === ENDED) return CLOSED;
      if (this.#state === ABORTED) return new Failure(this.#reason);
      if (this.#budget === 0 && this.#isSpent(isReserved)) {
        this.#hold();
        const resting = { stream: this, next: null };
        this.#port.start?.(resting);
        if (slice.first === null) slice.first = resting;
        else slice.last.next = resting;
        slice.last = resting;
        return RESTING;
      }
      return this.#refill();
    }

    /** Sees to it that there is a batch, and grants its next items. */
    #refill() {
      if (this.#unread === 0 && this.#index === this.#batch.length) {
        let outcome = this.#outcome;
        this.#wasWoken = false;
        if (outcome === undefined) outcome = this.#port.drain(this);
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

    /** Makes an array the batch. An end is kept until #conclude. */
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

    /** Returns how many of these items may be taken before a look at the clock. */
    #grant(items) {
      const granted = min(items, this.#budget);
      this.#budget -= granted;
      return granted;
    }

    /** Takes back what was granted, so that no later request overtakes those that wait. */
    #hold() {
      this.#budget += this.#limit - this.#index + this.#unread - this.#floor;
      this.#limit = this.#index;
      this.#floor = this.#unread;
    }

    /** Looks at the clock, and adapts the stride to what a consumer does with an item. */
    #isSpent(isReserved) {
      const time = now();
      const isSlow = time - this.#lookedAt > this.#timeSlice / 8;
      this.#lookedAt = time;
      if (isSlow) this.#stride = this.#stride < 4 ? 1 : this.#stride >> 2;
      else if (this.#stride < LONGEST_STRIDE) this.#stride *= 2;
      if (time >= this.#pressedUntil && isSpent(time, this.#timeSlice, isReserved)) return true;
      this.#budget = this.#stride;
      return false;
    }

    /** Makes the batch an array of what is left of it, which the consumer gets, and may change. */
    #trim() {
      let batch = this.#batch;
      if (this.#unread > 0) {
        // With elements of its own, so that no item goes to a setter of a prototype.
        const length = this.#unread;
        batch = from({ __proto__: null, length });
        let link = this.#link;
        for (let place = 0; place < length; place++) {
          link = link.next;
          batch[place] = link.item;
        }
        link.item = undefined;
        this.#link = link;
        this.#unread = 0;
        this.#floor = 0;
        this.#batch = batch;
      } else if (this.#index > 0) {
        const start = this.#index;
        const length = batch.length - start;
        for (let place = 0; place < length; place++) batch[place] = batch[start + place];
        batch.length = length;
      }
      this.#index = 0;
      this.#limit = 0;
    }

    /** Takes what a waiting request asks for out of the batch. */
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

    /** Answers waiting requests, as far as it goes. */
    #serve() {
      this.#wasWoken = this.#first === null;
      while (this.#first !== null) {
        const { kind } = this.#first;
        if (kind === THROW && this.#first.cleanup === undefined) {
          const request = this.#shift();
          request.reject(request.value);
          continue;
        }
        if (kind === RETURN || kind === THROW) {
          this.#settleLeaving(this.#first);
          return;
        }
        const outcome = this.#advance(true);
        switch (outcome) {
          case RESTING:
            return;
          case PARKED:
            this.#tell(channels.park);
            return;
          case READY: {
            const value = this.#pick(kind);
            this.#shift().resolve({ value, done: false });
            this.#hold();
            if (this.#state === ASKED) this.#enter(FLOWING, channels.firstItem);
            break;
          }
          default: {
            this.#conclude(outcome);
            const request = this.#shift();
            if (outcome === CLOSED) request.resolve(done());
            else request.reject(outcome.reason);
          }
        }
      }
    }

    /** return() and throw(): cancels, settles the requests for items, then the call itself. */
    #leave(kind, value) {
      reserve.leave();
      const unread = this.#close();
      const isFirst = this.#first === null;
      // It has its place before the producer hears of it, who may call back into the stream.
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
     * Settles a return() or throw() that has become the first in the list, and stays it until
     * then: later requests are answered in call order. Awaits as `await` does, which asks no promise for a
     * `then` of its own, and catches what its `constructor` throws.
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
      reserve.abort();
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
     * Ends the stream if it is still open, and settles the requests for items. Returns how many items
     * have crossed and are unread, with which #cancel must follow.
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

    /** Tells the port, and returns its cleanup. */
    #cancel(unread) {
      let cleanup;
      try {
        cleanup = this.#port.cancel(unread);
      } catch (reason) {
        cleanup = rejected(reason);
      }
      if (cleanup !== undefined) handled(cleanup);
      this.#tellEnd(undefined);
      return cleanup;
    }

    /** Ends the stream by what the port has answered, or by the signal's reason. */
    #conclude(outcome) {
      const wasOpen = this.#state < ABORTED;
      this.#finish();
      if (wasOpen) this.#tellEnd(outcome === CLOSED ? undefined : outcome.reason);
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
      return this.#port.kind ?? 'AsyncIterableBridge';
    }

    #stats() {
      const delivered = this.#drained - (this.#batch.length - this.#index) - this.#unread;
      return { ...this.#port.stats(), delivered };
    }

    #enter(state, channel) {
      this.#state = state;
      this.#tell(channel);
    }

    /**
     * Tells the subscribers of a channel, who may call back into the stream: so the request has been answered
     * before, or has a place in the list.
     */
    #tell(channel) {
      try {
        if (channel.hasSubscribers) channel.publish({ stream: this, kind: this.#kind });
      } catch (error) {
        report(error);
      }
    }

    #tellEnd(error) {
      try {
        if (!channels.end.hasSubscribers) return;
        const { state } = this.#port.stats();
        channels.end.publish({ stream: this, kind: this.#kind, state, error });
      } catch (failure) {
        report(failure);
      }
    }
  }

  const { isBridge, isOpen, serve, nextBatch, leave, handOver, unread, press, describe, abortOn } =
    AsyncIterableBridge;
  for (const name of Object.keys(AsyncIterableBridge)) delete AsyncIterableBridge[name];

  const remember = observers.rememberAll(isOpen, describe);

  /** Opens a stream; `link` is what the first link of the port's chain follows. */
  const open = (port, timeSlice, link) => {
    const stream = new AsyncIterableBridge(KEY, port, timeSlice, link);
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
      return stream === undefined ? rejectReceiver('return', this) : leave(stream, RETURN, value);
    }

    throw(reason) {
      const stream = Batches.#of(this);
      return stream === undefined ? rejectReceiver('throw', this) : leave(stream, THROW, reason);
    }

    [Symbol.asyncDispose]() {
      const stream = Batches.#of(this);
      if (stream === undefined) return rejectReceiver('[Symbol.asyncDispose]', this);
      return disposed(leave(stream, RETURN));
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

  /** Rejects for a wrong `this`, as an async generator does; never throws. */
  function rejectReceiver(method, receiver) {
    let type = receiver === null ? 'null' : typeof receiver;
    try {
      if (type === 'object') type = toStringOf(receiver);
    } catch {
      // A proxy, or a getter of its own, throws.
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
    press,
    stackReserve,
    uncurry,
    /** A port calls it when a stream that it had parked can drain again. */
    wake: serve,
    abortOn,
    openStreams,
    addOpenStreams,
  };
};
