'use strict';

// The sending end of a channel, in any thread. Each item is encoded when it is pushed, as postMessage clones it. The
// items that one turn of the event loop has pushed cross together, at the end of the turn.
//
// A sender reserves capacity before it fills it, so that all senders together keep within the bounds. Capacity that
// is reserved and not filled goes back with the next batch, except the capacity for items that wait for a promise,
// and for the permit that a `true` of push() or ready() has promised. The only sender of a channel keeps all of it,
// while no call waits.
//
// A sender ends once: by done(), after all items that it was given; by fail(), after the items that were taken; by an
// item that rejects; by a batch that cannot cross; or by the other side, after which the channel takes no item.
//
// Any call may throw, by a stack overflow at least. So calls come before the assignments that rely on them, or
// reserveStack() comes before both. The end of the turn does what a call has left undone.

const native = require('../addon/native.js');
const { BatchEncoder } = require('../codec/encoder.js');
const { WHOLE_BYTES } = require('../codec/layout.js');
const { queueFull } = require('../support/errors.js');
const { encodeError } = require('../support/portable-error.js');
const { isStackOverflow, reserveStack } = require('../addon/runtime.js');
const { suppressRejection, isThenable } = require('../support/thenable.js');
const { PromisedItems, ownChunks } = require('./promised-items.js');
const { Call, CallQueue, CapacityWait } = require('./waiting-calls.js');
const {
  LARGEST_BATCH,
  atEndOfTurn,
  endEpoch,
  flushThreshold,
  flushAll,
  setImmediate,
  refUntilWake,
} = require('./event-loop.js');

/** The codes of src/channel/sender.rs. */
const Wait = Object.freeze({ READY: 0, ENDED: 1, PARKED: 2 });
const SendState = Object.freeze({ OPEN: 0, CLOSED: 1, STOPPED: 2 });
const Crossing = Object.freeze({ REFUSED: 0, CROSSED: 1, CROSSED_HERE: 2 });

/** The states. A state leads only to later states. */
const OPEN = 0;
const ENDING = 1; // behind items that are promises, or wait for capacity
const OVER = 2;

/** A value that no epoch of ends has. */
const NO_EPOCH = -1;

/** A batch that only gives capacity back. */
const NOTHING = Object.freeze({ count: 0, head: undefined, texts: [], chunks: [] });

class Sender {
  // biome-ignore lint/correctness/noUnusedPrivateClassMembers: kept, as that of lib/codec/encoder.js
  static #classAnchor = new Sender();

  /** The number of the channel's end. */
  #native;
  #overflow;
  #isOnly;
  #onEnd;
  #state = OPEN;
  #encoder = new BatchEncoder();
  /** The capacity that is reserved and not filled: items, and their bytes. */
  #items = 0;
  #bytes = 0;
  /** The number of bytes that were encoded since the last flush. */
  #unflushed = 0;
  /** Whether the last request for capacity found none. Holds until the end of the turn. */
  #isFull = false;
  /** The number of items for which ready() has promised capacity in this turn, less the items taken since. */
  #permits = 0;
  /** Whether the last push() may have promised capacity for one more item. */
  #pushMayContinue = false;
  #dropped = 0;
  /** Whether an item was taken that never crosses. */
  #hasLost = false;
  /** The items that wait for a promise, if there are any. */
  #promised;
  /** The calls of send() and ready() that wait for capacity, and those of flush() behind them. */
  #sends = new CallQueue();
  #ready = new CallQueue();
  /** The calls of flush() that wait for the end of the turn. */
  #flushes = new CallQueue();
  #end;
  #isAbandoned = false;
  #abortion;
  /** The epoch in which the sender last asked whether the channel has ended. */
  #checkedEpoch = endEpoch.count;
  /** The same epoch while the sender is open and in a turn; otherwise NO_EPOCH. */
  #openEpoch = NO_EPOCH;
  #capacityWait;
  /** Whether #endTurn is to be called at the end of this turn. */
  #isInTurn = false;
  #endTurn = () => {
    this.#isInTurn = false;
    this.#openEpoch = NO_EPOCH;
    if (this.#state !== OVER) this.#finishTurn();
  };

  /**
   * `openEnd` opens the end that a sender listens to, and returns its number. `isOnly` says that no other sender
   * exists, which could need capacity. `onEnd`, if given, is called when the sender has ended.
   */
  constructor(openEnd, overflow, isOnly, onEnd) {
    if (openEnd === undefined) return; // #classAnchor
    this.#overflow = overflow;
    this.#isOnly = isOnly;
    this.#onEnd = onEnd;
    this.#capacityWait = this.#makeCapacityWait();
    this.#native = openEnd(this);
    // A sender that opens too late gets no wake.
    this.#applySendState(this.#querySendState());
  }

  /** Takes the item, without capacity only if the policy allows it. Returns whether there is capacity for more. */
  push(item) {
    const isPromise = isThenable(item);
    if (!this.#isReady && !this.#isOpenWithCapacity() && !this.#applyOverflow()) {
      suppressRejection(item);
      return false;
    }
    if (isPromise || this.#promised !== undefined) this.#addPromised(item, isPromise);
    else this.#encode(item);
    this.#pushMayContinue = true;
    if (this.#permits > 0) this.#permits--;
    try {
      if (this.#unflushed >= flushThreshold.bytes) this.#flushEarly();
      return this.#isReady || this.#isOpenWithCapacity();
    } catch {
      // The item is taken, and crosses at the end of the turn. The caller asks for capacity with ready().
      return false;
    }
  }

  /** Takes the item once there is capacity, or drops it by the policy. Resolves to `false` if the channel has ended. */
  send(item) {
    let isPromise;
    try {
      isPromise = isThenable(item);
      const canTake = this.#sends.isEmpty && this.#isOpenWithCapacity();
      if (canTake || (this.#overflow !== 'block' && this.#applyOverflow())) {
        return this.#takeSent(item, isPromise);
      }
      if (this.#overflow === 'block' && this.#state === OPEN) {
        const waits = this.#waitIn(this.#sends, new Call(item, isPromise));
        if (waits !== undefined) return waits;
      }
    } catch (reason) {
      // Node cannot track a promise that rejects when the stack is full.
      if (isStackOverflow(reason)) throw reason;
      suppressRejection(item);
      return Promise.reject(reason);
    }
    suppressRejection(item);
    return Promise.resolve(this.#state === OPEN);
  }

  /** Resolves to `true` as soon as there is capacity, or to `false` when the channel has ended. */
  ready() {
    if (this.#isOpenWithCapacity() && this.#items > this.#permits) {
      const ready = Promise.resolve(true);
      this.#permits++;
      return ready;
    }
    const waits = this.#state === OPEN && this.#waitIn(this.#ready, new Call());
    return waits || Promise.resolve(false);
  }

  /** Resolves to `true` when all items so far have crossed, or to `false` if the channel ends before that. */
  flush() {
    this.#checkForEnd();
    const call = new Call(undefined, false, true);
    if (this.#sends.isEmpty) this.#flushFor(call);
    else this.#sends.push(call);
    return call.promise;
  }

  done() {
    if (this.#state !== OPEN) return;
    reserveStack();
    this.#refuseReady();
    this.#finish(() => native.closeSender(this.#native));
  }

  fail(reason) {
    if (this.#state !== OPEN) return;
    reserveStack();
    // Encoded before all else, because a getter of the reason may call anything.
    const encoded = encodeError(reason);
    if (this.#state !== OPEN) return;
    this.#refuse();
    if (this.#hasPromised) encoded[2] = ownChunks(encoded[2]);
    this.#finish(() => this.#failNow(encoded));
  }

  /** Returns the signal. It is made on its first use, because most signals are never used. */
  get signal() {
    this.#checkForEnd();
    if (this.#abortion === undefined) {
      const abortion = new AbortController();
      if (this.#isAbandoned) abortion.abort();
      this.#abortion = abortion;
    }
    return this.#abortion.signal;
  }

  /** Asks the other side again, which may have freed capacity or ended the channel, and serves the calls that wait. */
  wake() {
    if (this.#state === OVER) return;
    if (this.#hasWaitingCalls) this.#capacityWait.noteEnd();
    this.#applySendState(this.#querySendState());
    this.#serve();
  }

  /** Ends the wait for capacity, and takes what was granted. Returns the SendState. */
  #querySendState() {
    this.#capacityWait.release();
    const state = native.sendState(this.#native);
    if (state[1] > 0) this.#addGrant(state[1], state[2]);
    return state[0];
  }

  #applySendState(state) {
    if (state !== SendState.OPEN) this.#endByPeer(state);
  }

  #addGrant(items, bytes) {
    this.#items += items;
    this.#bytes += bytes;
    this.#isFull = this.#items <= 0 || this.#bytes <= 0;
    // Capacity that is not filled goes back at the end of the turn.
    this.#beInTurn();
  }

  /** Asks the channel if one has ended since. Not within a getter of an item, because that must serve no other call. */
  #checkForEnd() {
    if (this.#checkedEpoch === endEpoch.count || this.#isEncoding) return;
    reserveStack();
    this.#checkedEpoch = endEpoch.count;
    this.wake();
  }

  /** Reports whether the next item can be taken without a question to the channel. */
  get #isReady() {
    return this.#items > 0 && this.#bytes > 0 && this.#openEpoch === endEpoch.count;
  }

  get #isEncoding() {
    return this.#encoder?.isEncoding || this.#promised?.isEncoding;
  }

  /** Returns whether the sender is open and has capacity. May find that the channel has ended. */
  #isOpenWithCapacity() {
    this.#checkForEnd();
    if (!this.#isInTurn && this.#state === OPEN) this.#beginTurn();
    if (this.#state !== OPEN || !this.#hasCapacity()) return false;
    this.#openEpoch = this.#checkedEpoch;
    return true;
  }

  /** Begins a turn. A sender that keeps its capacity has no other way to find that the channel has ended. */
  #beginTurn() {
    this.#beInTurn();
    if (this.#isOnly && this.#items > 0 && !native.isOpen(this.#native))
      this.#applySendState(this.#querySendState());
  }

  #hasCapacity() {
    if (this.#items > 0 && this.#bytes > 0) return true;
    return !this.#isFull && this.#reserve(false);
  }

  #reserve(byForce) {
    this.#beInTurn();
    const granted = native.reserveCapacity(this.#native, byForce);
    if (granted === null) {
      this.#applySendState(this.#querySendState());
      return false;
    }
    this.#addGrant(granted[0], granted[1]);
    return !this.#isFull;
  }

  /** Returns whether the policy takes an item for which there is no capacity. */
  #applyOverflow() {
    if (this.#state !== OPEN) return false;
    switch (this.#overflow) {
      case 'block':
        return true;
      case 'error':
        throw queueFull();
      case 'drop-oldest':
        reserveStack();
        // The items of this sender are the oldest if the channel is empty.
        this.#flush();
        if (this.#state === OPEN && this.#reserve(true)) return true;
    }
    this.#dropped++;
    return false;
  }

  /** Takes an item of send(). `call`, if the item has waited in one, settles now, or when a promised item crosses. */
  #takeSent(item, isPromise, call) {
    this.#pushMayContinue = false;
    if (isPromise || this.#promised !== undefined) {
      const waiting = call ?? new Call();
      this.#addPromised(item, isPromise, waiting);
      return waiting.promise;
    }
    const taken = call?.promise ?? Promise.resolve(true);
    this.#encode(item);
    call?.resolve(true);
    if (this.#permits > 0) this.#permits--;
    try {
      if (this.#unflushed >= flushThreshold.bytes) this.#flushEarly();
    } catch {
      // As in push().
    }
    return taken;
  }

  /**
   * Encodes an item. A getter of the item may call anything. If it ends the channel, the end of the turn does that
   * behind the item.
   */
  #encode(item) {
    const weight = this.#encoder.encode(item);
    this.#bytes -= weight;
    this.#items--;
    // An item of WHOLE_BYTES or more may still be memory of the program.
    this.#unflushed += weight < WHOLE_BYTES ? weight : LARGEST_BATCH;
  }

  #flushEarly() {
    this.#unflushed = this.#encoder.bytes;
    if (!this.#encoder.mustTake && this.#unflushed < flushThreshold.bytes) return;
    reserveStack();
    this.#flush();
    this.#endIfIdle();
  }

  /** Takes a promise, or an item behind a promise. `call` settles when the item crosses. */
  #addPromised(item, isPromise, call) {
    reserveStack();
    this.#promised ??= this.#makePromised();
    if (!isPromise && this.#promised.isEmpty) {
      this.#encode(item);
      call?.resolve(true);
      return;
    }
    if (isPromise) this.#promised.addPromised(item, call);
    else this.#bytes -= this.#promised.add(item, call);
    this.#items--;
  }

  #makePromised() {
    return new PromisedItems({
      encode: (item) => {
        this.#beInTurn();
        this.#items++;
        this.#encode(item);
        if (this.#unflushed >= flushThreshold.bytes) this.#flushEarly();
      },
      flush: () => {
        this.#flush();
        return !this.#hasLost;
      },
      cross: (entry) => {
        this.#handOver(() => entry.take());
        return !this.#hasLost;
      },
      weigh: (bytes) => {
        this.#bytes -= bytes;
        this.#beInTurn();
      },
      released: () => {
        if (!this.#hasPromised) this.#promised = undefined;
        if (this.#state === OVER) return;
        this.#beInTurn();
        this.#endIfIdle();
      },
      fail: (reason, lost) => this.#failBehind(reason, lost),
    });
  }

  /** Reports whether items wait for a promise. */
  get #hasPromised() {
    return this.#promised !== undefined && !this.#promised.isEmpty;
  }

  /** Ends the channel at a promised item that has failed. Items that were pushed later never cross. */
  #failBehind(reason, lost) {
    this.#beInTurn();
    this.#dropped += lost;
    this.#hasLost = true;
    this.#refuse();
    const encoded = encodeError(reason);
    this.#end = () => this.#failNow(encoded);
    this.#state = ENDING;
    this.#openEpoch = NO_EPOCH;
    this.#endIfIdle();
  }

  /** Schedules #endTurn for the end of this turn. */
  #beInTurn() {
    if (this.#isInTurn) return;
    atEndOfTurn(this.#endTurn);
    this.#isInTurn = true;
  }

  #finishTurn() {
    if (this.#encoder.isEncoding) {
      // Within a getter of an item, only a failure can have ended the turn.
      this.#beInTurn();
      return;
    }
    this.#permits = Math.min(this.#permits, 1);
    this.#flush();
    this.#permits = 0;
    while (!this.#flushes.isEmpty) this.#flushes.shift().resolve(!this.#hasLost);
    // From here on, a permit that was not used belongs to another call.
    if (this.#hasWaitingCalls && this.#items > 0) setImmediate(() => this.wake());
    this.#endIfIdle();
  }

  /** Hands over the items that were taken in this turn, and gives back capacity that other senders may need. */
  #flush() {
    // A getter of an item must not hand over half of that item. A flush follows behind the item.
    if (this.#state === OVER || this.#encoder.isEncoding) return;
    this.#isFull = false;
    if (this.#dropped > 0) native.countDropped(this.#native, this.#dropped);
    this.#dropped = 0;
    this.#unflushed = 0;
    this.#handOver(() => (this.#encoder.count > 0 ? this.#encoder.take() : NOTHING));
  }

  /** Hands over a batch. A batch that cannot cross fails the channel. */
  #handOver(take) {
    let crossing;
    let batch;
    try {
      batch = take();
      crossing = this.#pushBatch(batch);
    } catch (reason) {
      this.#failAtBatch(reason);
      return;
    }
    if (crossing !== Crossing.REFUSED) {
      refUntilWake(crossing === Crossing.CROSSED_HERE);
      return;
    }
    if (batch.count > 0) this.#hasLost = true;
    this.#applySendState(this.#querySendState());
  }

  #pushBatch({ count, head, texts, chunks }) {
    const permits = this.#keep();
    const isPermit = permits > 0;
    const items = (isPermit ? 0 : this.#items) + (this.#promised?.items ?? 0);
    const bytes = (isPermit ? 0 : this.#bytes) + (this.#promised?.bytes ?? 0);
    return native.pushBatch(
      this.#native,
      items,
      bytes,
      count,
      head,
      texts.length > 0 ? texts : undefined,
      chunks.length > 0 ? chunks : undefined,
      permits,
      isPermit ? this.#bytes : 0,
    );
  }

  /**
   * Keeps all capacity if no other sender can need it, and returns 0. Otherwise keeps the capacity of its permits, and
   * returns their number.
   */
  #keep() {
    // From here on, items that were taken beyond the bounds count against the buffer.
    const items = Math.max(0, this.#items);
    const bytes = Math.max(0, this.#bytes);
    if (this.#isOnly && !this.#hasWaitingCalls) {
      this.#items = bytes > 0 ? items : 0;
      this.#bytes = items > 0 ? bytes : 0;
      return 0;
    }
    const permits = Math.min(items, Math.max(this.#permits, this.#pushMayContinue ? 1 : 0));
    this.#items = permits;
    this.#bytes = permits > 0 ? Math.max(permits, Math.floor((bytes * permits) / items)) : 0;
    return permits;
  }

  /** Makes a call wait for capacity. Returns its promise, or undefined if the channel has ended. */
  #waitIn(list, call) {
    this.#wait();
    if (this.#state !== OPEN) return undefined;
    list.push(call);
    return call.promise;
  }

  /** Begins a wait for capacity. The wait ends with a call of #serve(). */
  #wait() {
    // The other side can free capacity only from items that have crossed.
    this.#flush();
    if (this.#state === OVER) return;
    this.#isFull = true;
    this.#capacityWait.begin();
  }

  #makeCapacityWait() {
    const sender = {
      hasCalls: () => this.#hasWaitingCalls,
      tryServe: () => {
        if (!this.#reserve(false) && this.#state !== OVER) return false;
        this.#capacityWait.noteEnd();
        this.#capacityWait.release();
        this.#serve();
        return true;
      },
      park: () => {
        this.#isFull = native.waitForCapacity(this.#native) === Wait.PARKED;
        return this.#isFull;
      },
      wake: () => this.wake(),
    };
    return new CapacityWait(sender, this.#isOnly);
  }

  get #hasWaitingCalls() {
    return !(this.#sends.isEmpty && this.#ready.isEmpty);
  }

  /** Answers the calls that wait, as far as there is capacity. */
  #serve() {
    while (!this.#sends.isEmpty && (this.#sends.first.isFlush || this.#hasCapacity())) {
      const call = this.#sends.shift();
      if (call.isFlush) this.#flushFor(call);
      else this.#takeWaiting(call);
    }
    if (this.#sends.isEmpty && !this.#ready.isEmpty && this.#hasCapacity()) {
      // At the end of the turn, permits that were not used go to the calls that still wait.
      this.#beInTurn();
      for (; !this.#ready.isEmpty && this.#permits < this.#items; this.#permits++) {
        this.#ready.shift().resolve(true);
      }
    }
    if (this.#hasWaitingCalls) this.#wait();
    else this.#endIfIdle();
  }

  #takeWaiting(call) {
    try {
      this.#takeSent(call.item, call.isPromise, call);
    } catch (reason) {
      call.reject(reason);
    }
  }

  /** Settles a call of flush() behind the items that were taken. */
  #flushFor(call) {
    if (this.#hasPromised) {
      this.#promised.addFlush(call);
      return;
    }
    if (this.#encoder?.isEncoding) {
      this.#flushes.push(call);
      return;
    }
    this.#flush();
    call.resolve(!this.#hasLost);
  }

  /** Ends the sender for done() or fail(), behind promised items, and items that wait and are still taken. */
  #finish(end) {
    this.#state = ENDING;
    this.#openEpoch = NO_EPOCH;
    this.#end = end;
    this.#endIfIdle();
  }

  #endIfIdle() {
    if (this.#state !== ENDING || this.#encoder.isEncoding) return;
    if (!this.#hasPromised && this.#sends.isEmpty) this.#finishSender();
  }

  #finishSender() {
    this.#flush();
    if (this.#state === OVER) return;
    this.#close();
    refUntilWake(this.#end());
    this.#onEnd?.();
  }

  /**
   * Fails the channel, behind the items that all senders of this thread have taken until now. Returns whether this
   * thread has woken itself.
   */
  #failNow([head, texts, chunks]) {
    flushAll();
    endEpoch.count++;
    return native.failSender(this.#native, head, texts, chunks);
  }

  /** Fails the channel because a batch cannot cross. */
  #failAtBatch(reason) {
    this.#hasLost = true;
    this.#close();
    endEpoch.count++;
    const [head, texts, chunks] = encodeError(reason);
    refUntilWake(native.failSender(this.#native, head, texts, chunks));
    this.#onEnd?.();
  }

  /** Ends the sender, because the other side takes nothing any more. */
  #endByPeer(state) {
    if (this.#state === OVER) return;
    reserveStack();
    this.#countLost(this.#close());
    this.#onEnd?.();
    if (state === SendState.CLOSED) return;
    this.#isAbandoned = true;
    this.#abortion?.abort();
  }

  /** Counts items that were taken and never cross. */
  #countLost(items) {
    if (items === 0) return;
    this.#hasLost = true;
    native.countDropped(this.#native, items);
  }

  /** Enters the state OVER. Returns the number of items that were taken and never cross. */
  #close() {
    const lost = this.#dropped + this.#encoder.count;
    this.#state = OVER;
    this.#openEpoch = NO_EPOCH;
    this.#encoder = undefined;
    const promised = this.#promised?.clear() ?? 0;
    this.#hasLost ||= lost + promised > 0;
    this.#refuse();
    while (!this.#flushes.isEmpty) this.#flushes.shift().resolve(!this.#hasLost);
    return lost + promised;
  }

  /** Resolves the calls that wait for capacity to `false`, because they will not get it. */
  #refuse() {
    if (this.#capacityWait.isPending) this.#querySendState();
    while (!this.#sends.isEmpty) {
      const { item, isFlush, resolve } = this.#sends.shift();
      if (!isFlush) suppressRejection(item);
      resolve(false);
    }
    this.#refuseReady();
  }

  #refuseReady() {
    while (!this.#ready.isEmpty) this.#ready.shift().resolve(false);
  }
}

module.exports = { Sender };
