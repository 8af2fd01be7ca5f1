'use strict';

// The sending end of a channel, in whatever thread. Items are encoded as they are pushed, as postMessage
// clones them; what one turn of the event loop has pushed crosses at once, at the end of the turn.
//
// Capacity is reserved before it is filled, so that all senders together keep within the bounds. What is reserved
// and not filled goes back with the next batch, except for items that wait for a promise, and for the permit that
// a `true` of push() or ready() has promised.
//
// It ends once: by done(), after all that it was given; by fail(), after what was taken; by an item that
// rejects; by a batch that cannot cross; or by the other side, when nothing is taken any more.
//
// Any call may throw, by a stack overflow at least. So calls come before the assignments that rely on them, or
// expectStack() before both, and the end of the turn does what a call has left undone.

const native = require('../native.js');
const { BatchEncoder } = require('../codec/encoder.js');
const { WHOLE_BYTES } = require('../codec/layout.js');
const { queueFull } = require('../errors.js');
const { encodeError } = require('../portable-error.js');
const { waiting } = require('../runtime.js');
const { disown, isThenable } = require('../thenable.js');
const { Call, Fifo } = require('./calls.js');
const { endings } = require('./endings.js');
const { HeldItems, ownChunks } = require('./held-items.js');
const { Patience } = require('./patience.js');
const { expectStack, isStackOverflow } = require('./stack.js');
const {
  LARGEST_BATCH,
  atEndOfTurn,
  atOnce,
  endTurn,
  inNextTurn,
  stayForWake,
  whenPermitsLapse,
} = require('./turn.js');

/** The codes of src/channel/sender.rs. */
const Wait = Object.freeze({ ROOM: 0, OVER: 1, WAITS: 2 });
const Answer = Object.freeze({ TAKEN: 0, CLOSED: 1, LEFT: 2 });
const Crossing = Object.freeze({ LEFT: 0, CROSSED: 1, CROSSED_HERE: 2 });

/** The states, each of which leads only to later ones. */
const OPEN = 0;
const ENDING = 1; // behind items that are promises, or wait for capacity
const OVER = 2;

/** As no count of endings is. */
const UNKNOWN = -1;

/** A batch that only gives capacity back. */
const NOTHING = Object.freeze({ count: 0, head: undefined, texts: [], chunks: [] });

class Sender {
  // biome-ignore lint/correctness/noUnusedPrivateClassMembers: kept, as that of lib/codec/encoder.js
  static #eternal = new Sender();

  /** The number of the channel's end. */
  #native;
  #overflow;
  #isOnly;
  #ended;
  #state = OPEN;
  #encoder = new BatchEncoder();
  /** The rest of the capacity that is reserved. */
  #items = 0;
  #bytes = 0;
  /** Bytes that were encoded since the last flush. */
  #unflushed = 0;
  /** Whether there was none when it was last asked for. Holds until the end of the turn. */
  #isFull = false;
  /** Promises of ready() in this turn of capacity for an item, less the items taken since. */
  #permits = 0;
  /** Whether the answer of the last push() may have promised capacity for one more. */
  #goesOn = false;
  #dropped = 0;
  /** Whether an item was taken that never crosses. */
  #hasLost = false;
  /** The items that wait for a promise, while there are some. */
  #held;
  /** The calls of send() and ready() that wait for capacity, and those of flush() behind them. */
  #sends = new Fifo();
  #ready = new Fifo();
  /** The calls of flush() that wait for the end of the turn. */
  #flushes = new Fifo();
  #end;
  #isAbandoned = false;
  #abortion;
  /** When it was last asked whether the channel has ended. */
  #endings = endings.count;
  /** The same, while the sender is open and in a turn. */
  #known = UNKNOWN;
  #patience = new Patience(
    () => this.#hasEnded(),
    () => this.#park(),
  );
  #willAskAgain = false;
  /** Whether #endTurn is to be called at the end of this turn. */
  #isInTurn = false;
  #endTurn = () => {
    this.#isInTurn = false;
    this.#known = UNKNOWN;
    if (this.#state !== OVER) this.#finishTurn();
  };

  /**
   * `openEnd` opens the end to which a sender listens, and gives its number. `isOnly` says that there is no other
   * sender, who could need capacity. `ended`, if there is one, is called when the sender has ended.
   */
  constructor(openEnd, overflow, isOnly, ended) {
    if (openEnd === undefined) return; // #eternal
    this.#overflow = overflow;
    this.#isOnly = isOnly;
    this.#ended = ended;
    this.#native = openEnd(this);
    // Nobody wakes a sender that comes too late.
    this.#heed(this.#ask());
  }

  /** Takes the item, whether there is capacity or not, and says whether there is capacity for more. */
  push(item) {
    const isPromise = isThenable(item);
    if (!this.#isReady && !this.#isOpenWithRoom() && !this.#makeRoom()) {
      disown(item);
      return false;
    }
    if (isPromise || this.#held !== undefined) this.#hold(item, isPromise);
    else this.#put(item);
    this.#goesOn = true;
    if (this.#permits > 0) this.#permits--;
    try {
      if (this.#unflushed >= atOnce.bytes) this.#flushEarly();
      return this.#isReady || this.#isOpenWithRoom();
    } catch {
      // The item is taken, and crosses at the end of the turn. The caller asks for capacity by ready().
      return false;
    }
  }

  /** Takes the item once there is capacity. `false` when the channel has ended before that. */
  send(item) {
    let isPromise;
    try {
      isPromise = isThenable(item);
      const canTake = this.#sends.isEmpty && this.#isOpenWithRoom();
      if (canTake || (this.#overflow !== 'block' && this.#makeRoom())) {
        return this.#takeSent(item, isPromise);
      }
      if (this.#overflow === 'block' && this.#state === OPEN) {
        const waits = this.#waitIn(this.#sends, new Call(item, isPromise));
        if (waits !== undefined) return waits;
      }
    } catch (reason) {
      // Node cannot track a promise that rejects when the stack is full.
      if (isStackOverflow(reason)) throw reason;
      disown(item);
      return Promise.reject(reason);
    }
    disown(item);
    return Promise.resolve(this.#state === OPEN);
  }

  /** `true` as soon as there is capacity, `false` when the channel has ended. */
  ready() {
    if (this.#isOpenWithRoom() && this.#items > this.#permits) {
      const ready = Promise.resolve(true);
      this.#permits++;
      return ready;
    }
    const waits = this.#state === OPEN && this.#waitIn(this.#ready, new Call());
    return waits || Promise.resolve(false);
  }

  /** `true` when all that it was given has crossed, `false` when the channel has ended before that. */
  flush() {
    this.#heedEndings();
    const call = new Call(undefined, false, true);
    if (this.#sends.isEmpty) this.#flushFor(call);
    else this.#sends.push(call);
    return call.promise;
  }

  done() {
    if (this.#state !== OPEN) return;
    expectStack();
    this.#refuseReady();
    this.#finish(() => native.finishSender(this.#native));
  }

  fail(reason) {
    if (this.#state !== OPEN) return;
    expectStack();
    // Before all else: a getter of the reason may call anything.
    const encoded = encodeError(reason);
    if (this.#state !== OPEN) return;
    this.#refuse();
    if (this.#isHolding) encoded[2] = ownChunks(encoded[2]);
    this.#finish(() => this.#failNow(encoded));
  }

  /** Made when it is first asked for, as most never are. */
  get signal() {
    this.#heedEndings();
    if (this.#abortion === undefined) {
      const abortion = new AbortController();
      if (this.#isAbandoned) abortion.abort();
      this.#abortion = abortion;
    }
    return this.#abortion.signal;
  }

  /** The other side has made room, or has ended the channel, or is to be asked again. */
  wake() {
    if (this.#state === OVER) return;
    if (this.#isAwaited) this.#patience.end();
    this.#heed(this.#ask());
    this.#serve();
  }

  /** Returns whether items are still taken. Ends the wait for capacity, and takes what was granted. */
  #ask() {
    waiting.delete(this);
    const answer = native.answerSender(this.#native);
    if (answer[1] > 0) this.#gain(answer[1], answer[2]);
    return answer[0];
  }

  #heed(answer) {
    if (answer !== Answer.TAKEN) this.#leave(answer);
  }

  #gain(items, bytes) {
    this.#items += items;
    this.#bytes += bytes;
    this.#isFull = this.#items <= 0 || this.#bytes <= 0;
    // The rest goes back at the end of the turn.
    this.#beInTurn();
  }

  /** Not within a getter of an item, who must not have others served meanwhile. */
  #heedEndings() {
    if (this.#endings === endings.count || this.#isEncoding) return;
    expectStack();
    this.#endings = endings.count;
    this.wake();
  }

  /** Whether the next item can be taken without a question. */
  get #isReady() {
    return this.#items > 0 && this.#bytes > 0 && this.#known === endings.count;
  }

  get #isEncoding() {
    return this.#encoder?.isEncoding || this.#held?.isEncoding;
  }

  /** It may find by this that the channel has ended. */
  #isOpenWithRoom() {
    this.#heedEndings();
    if (!this.#isInTurn && this.#state === OPEN) this.#beginTurn();
    if (this.#state !== OPEN || !this.#hasRoom()) return false;
    this.#known = this.#endings;
    return true;
  }

  /** A sender that keeps its capacity has nothing else by which it would find that the channel has ended. */
  #beginTurn() {
    this.#beInTurn();
    if (this.#isOnly && this.#items > 0 && !native.isTaken(this.#native)) this.#heed(this.#ask());
  }

  #hasRoom() {
    if (this.#items > 0 && this.#bytes > 0) return true;
    return !this.#isFull && this.#reserve(false);
  }

  #reserve(byForce) {
    this.#beInTurn();
    const room = native.reserveRoom(this.#native, byForce);
    if (room === null) {
      this.#heed(this.#ask());
      return false;
    }
    this.#items += room[0];
    this.#bytes += room[1];
    this.#isFull = this.#items <= 0 || this.#bytes <= 0;
    return !this.#isFull;
  }

  /** Returns whether the policy takes an item for which there is no capacity. */
  #makeRoom() {
    if (this.#state !== OPEN) return false;
    switch (this.#overflow) {
      case 'block':
        return true;
      case 'error':
        throw queueFull();
      case 'drop-oldest':
        expectStack();
        // Its own are the oldest, if nothing else is there.
        this.#flush();
        if (this.#state === OPEN && this.#reserve(true)) return true;
    }
    this.#dropped++;
    return false;
  }

  /** Takes an item of send(). `call`, if it waits already, settles when the item crosses. */
  #takeSent(item, isPromise, call) {
    this.#goesOn = false;
    if (isPromise || this.#held !== undefined) {
      const holding = call ?? new Call();
      this.#hold(item, isPromise, holding);
      return holding.promise;
    }
    const taken = call?.promise ?? Promise.resolve(true);
    this.#put(item);
    call?.resolve(true);
    if (this.#permits > 0) this.#permits--;
    try {
      if (this.#unflushed >= atOnce.bytes) this.#flushEarly();
    } catch {
      // As in push().
    }
    return taken;
  }

  /** A getter of the item may call anything. If it ends the channel, the end of the turn does so behind the item. */
  #put(item) {
    const weight = this.#encoder.encode(item);
    this.#bytes -= weight;
    this.#items--;
    // An item as large may still be the memory of the program.
    this.#unflushed += weight < WHOLE_BYTES ? weight : LARGEST_BATCH;
  }

  #flushEarly() {
    this.#unflushed = this.#encoder.bytes;
    if (!this.#encoder.mustTake && this.#unflushed < atOnce.bytes) return;
    expectStack();
    this.#flush();
    this.#endUnlessAwaited();
  }

  /** Takes a promise, or an item behind one. `call` settles when it crosses. */
  #hold(item, isPromise, call) {
    expectStack();
    this.#held ??= this.#makeHeld();
    if (!isPromise && this.#held.isEmpty) {
      this.#put(item);
      call?.resolve(true);
      return;
    }
    if (isPromise) this.#held.addPromised(item, call);
    else this.#bytes -= this.#held.add(item, call);
    this.#items--;
  }

  #makeHeld() {
    return new HeldItems({
      put: (item) => {
        this.#beInTurn();
        this.#items++;
        this.#put(item);
        if (this.#unflushed >= atOnce.bytes) this.#flushEarly();
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
        if (!this.#isHolding) this.#held = undefined;
        if (this.#state === OVER) return;
        this.#beInTurn();
        this.#endUnlessAwaited();
      },
      fail: (reason, lost) => this.#failBehind(reason, lost),
    });
  }

  /** Whether items wait for a promise. */
  get #isHolding() {
    return this.#held !== undefined && !this.#held.isEmpty;
  }

  /** Ends the channel where a held item has failed. Items that were pushed later never come. */
  #failBehind(reason, lost) {
    this.#beInTurn();
    this.#dropped += lost;
    this.#hasLost = true;
    this.#refuse();
    const encoded = encodeError(reason);
    this.#end = () => this.#failNow(encoded);
    this.#state = ENDING;
    this.#known = UNKNOWN;
    this.#endUnlessAwaited();
  }

  /** Has #endTurn called at the end of this turn. */
  #beInTurn() {
    if (this.#isInTurn) return;
    atEndOfTurn(this.#endTurn);
    this.#isInTurn = true;
  }

  #finishTurn() {
    if (this.#encoder.isEncoding) {
      // Within a getter of an item, the turn can only have been ended by a failure.
      this.#beInTurn();
      return;
    }
    this.#permits = Math.min(this.#permits, 1);
    this.#flush();
    this.#permits = 0;
    while (!this.#flushes.isEmpty) this.#flushes.shift().resolve(!this.#hasLost);
    // A permit that was not used is another call's from here on.
    if (this.#isAwaited && this.#items > 0) inNextTurn(() => this.wake());
    this.#endUnlessAwaited();
  }

  /** Hands over what was taken in this turn, and gives back capacity that others may want. */
  #flush() {
    // A getter of an item must not have half of it taken. There is a flush behind the item.
    if (this.#state === OVER || this.#encoder.isEncoding) return;
    this.#isFull = false;
    if (this.#dropped > 0) native.countDropped(this.#native, this.#dropped);
    this.#dropped = 0;
    this.#unflushed = 0;
    this.#handOver(() => (this.#encoder.count > 0 ? this.#encoder.take() : NOTHING));
  }

  /** Hands over a batch, if there is one. One that cannot cross fails the channel. */
  #handOver(take) {
    let crossing;
    let batch;
    try {
      batch = take();
      crossing = this.#pushBatch(batch);
    } catch (reason) {
      this.#break(reason);
      return;
    }
    if (crossing !== Crossing.LEFT) {
      stayForWake(crossing === Crossing.CROSSED_HERE);
      return;
    }
    if (batch.count > 0) this.#hasLost = true;
    this.#heed(this.#ask());
  }

  #pushBatch({ count, head, texts, chunks }) {
    const permits = this.#keep();
    const isPermit = permits > 0;
    const items = (isPermit ? 0 : this.#items) + (this.#held?.items ?? 0);
    const bytes = (isPermit ? 0 : this.#bytes) + (this.#held?.bytes ?? 0);
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

  /** Keeps all its capacity, if no other can want it; or that of its permits, whose number this returns. */
  #keep() {
    // Items that were taken beyond the bounds count against the buffer from here on.
    const items = Math.max(0, this.#items);
    const bytes = Math.max(0, this.#bytes);
    if (this.#isOnly && !this.#isAwaited) {
      this.#items = bytes > 0 ? items : 0;
      this.#bytes = items > 0 ? bytes : 0;
      return 0;
    }
    const permits = Math.min(items, Math.max(this.#permits, this.#goesOn ? 1 : 0));
    this.#items = permits;
    this.#bytes = permits > 0 ? Math.max(permits, Math.floor((bytes * permits) / items)) : 0;
    return permits;
  }

  /** Has a call answered when there is capacity. Nothing, if the channel has ended. */
  #waitIn(list, call) {
    this.#wait();
    if (this.#state !== OPEN) return undefined;
    list.push(call);
    return call.promise;
  }

  /** Has #serve() called when there is capacity. */
  #wait() {
    // The other side can only make room of what it has.
    this.#flush();
    if (this.#state === OVER) return;
    this.#isFull = true;
    waiting.add(this);
    this.#patience.begin();
    if (!this.#patience.looks) this.#park();
  }

  /** Whether nobody waits any more. */
  #hasEnded() {
    if (this.#isAwaited) {
      if (!this.#reserve(false) && this.#state !== OVER) return false;
      this.#patience.end();
      waiting.delete(this);
      this.#serve();
    }
    return true;
  }

  get #isAwaited() {
    return !(this.#sends.isEmpty && this.#ready.isEmpty);
  }

  /** Has wake() called when there is capacity. */
  #park() {
    const wait = native.waitForRoom(this.#native);
    this.#isFull = wait === Wait.WAITS;
    // Not at once: a loop that awaits send() must leave time to others.
    if (wait !== Wait.WAITS) inNextTurn(() => this.wake());
    else if (!this.#isOnly) this.#askAgain();
  }

  /** Permits of other senders lapse without a wake. */
  #askAgain() {
    if (this.#willAskAgain) return;
    this.#willAskAgain = true;
    whenPermitsLapse(() => {
      this.#willAskAgain = false;
      if (!this.#isAwaited) return;
      this.wake();
      // It may be that another sender of this thread gets what has lapsed.
      stayForWake(true);
    });
  }

  /** Answers the calls that wait, as far as there is capacity. */
  #serve() {
    while (!this.#sends.isEmpty && (this.#sends.first.isFlush || this.#hasRoom())) {
      const call = this.#sends.shift();
      if (call.isFlush) this.#flushFor(call);
      else this.#takeWaiting(call);
    }
    if (this.#sends.isEmpty && !this.#ready.isEmpty && this.#hasRoom()) {
      // At its end, permits that were not used are those of the calls that still wait.
      this.#beInTurn();
      for (; !this.#ready.isEmpty && this.#permits < this.#items; this.#permits++) {
        this.#ready.shift().resolve(true);
      }
    }
    if (this.#isAwaited) this.#wait();
    else this.#endUnlessAwaited();
  }

  #takeWaiting(call) {
    try {
      this.#takeSent(call.item, call.isPromise, call);
    } catch (reason) {
      call.reject(reason);
    }
  }

  /** Settles a call of flush() behind what was taken. */
  #flushFor(call) {
    if (this.#isHolding) {
      this.#held.addFlush(call);
      return;
    }
    if (this.#encoder?.isEncoding) {
      this.#flushes.push(call);
      return;
    }
    this.#flush();
    call.resolve(!this.#hasLost);
  }

  /** done() or fail(): behind what is still held, and what waits for capacity, if that is still taken. */
  #finish(end) {
    this.#state = ENDING;
    this.#known = UNKNOWN;
    this.#end = end;
    this.#endUnlessAwaited();
  }

  #endUnlessAwaited() {
    if (this.#state !== ENDING || this.#encoder.isEncoding) return;
    if (!this.#isHolding && this.#sends.isEmpty) this.#over();
  }

  #over() {
    this.#flush();
    if (this.#state === OVER) return;
    this.#close();
    stayForWake(this.#end());
    this.#ended?.();
  }

  /** Behind what all senders of this thread have taken until now. Whether this thread has woken itself. */
  #failNow([head, texts, chunks]) {
    endTurn();
    endings.count++;
    return native.failSender(this.#native, head, texts, chunks);
  }

  /** A batch cannot cross: the channel fails in its place. */
  #break(reason) {
    this.#hasLost = true;
    this.#close();
    endings.count++;
    const [head, texts, chunks] = encodeError(reason);
    stayForWake(native.failSender(this.#native, head, texts, chunks));
    this.#ended?.();
  }

  /** The other side takes nothing any more. */
  #leave(answer) {
    if (this.#state === OVER) return;
    expectStack();
    this.#lose(this.#close());
    this.#ended?.();
    if (answer === Answer.CLOSED) return;
    this.#isAbandoned = true;
    this.#abortion?.abort();
  }

  /** Counts items that were taken and never cross. */
  #lose(items) {
    if (items === 0) return;
    this.#hasLost = true;
    native.countDropped(this.#native, items);
  }

  /** Enters the state OVER, and returns how many items it has taken that never cross. */
  #close() {
    const lost = this.#dropped + this.#encoder.count;
    this.#state = OVER;
    this.#known = UNKNOWN;
    this.#encoder = undefined;
    const held = this.#held?.clear() ?? 0;
    this.#hasLost ||= lost + held > 0;
    this.#refuse();
    while (!this.#flushes.isEmpty) this.#flushes.shift().resolve(!this.#hasLost);
    return lost + held;
  }

  /** Calls that wait for capacity will not get it. */
  #refuse() {
    if (waiting.has(this)) this.#ask();
    while (!this.#sends.isEmpty) {
      const { item, isFlush, resolve } = this.#sends.shift();
      if (!isFlush) disown(item);
      resolve(false);
    }
    this.#refuseReady();
  }

  #refuseReady() {
    while (!this.#ready.isEmpty) this.#ready.shift().resolve(false);
  }
}

module.exports = { Sender };
