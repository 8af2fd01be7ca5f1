'use strict';

// The sending end of a channel, in whatever thread. Items are encoded as they are pushed, as postMessage
// clones them; what one turn of the event loop has pushed crosses at once, at the end of the turn.
//
// Room is reserved before it is filled, so that all senders together keep within the bounds. What is reserved
// and not filled goes back with the next batch, except for items that are promises still.
//
// It ends once: by done(), after all that it was given; by fail(), after what was taken; by an item that
// rejects; or by the other side, when nothing is taken any more.

const native = require('../native.js');
const { BatchEncoder } = require('../codec/encoder.js');
const { queueFull } = require('../errors.js');
const { encodeError } = require('../portable-error.js');
const { waiting } = require('../runtime.js');
const { disown, isThenable } = require('../thenable.js');
const { endings } = require('./endings.js');
const { HeldItems } = require('./held-items.js');
const { Patience } = require('./patience.js');
const { atEndOfTurn, endTurn, inNextTurn, stayForWake } = require('./turn.js');

/** The codes of src/channel/sender.rs. */
const Wait = Object.freeze({ ROOM: 0, OVER: 1, WAITS: 2 });
const Answer = Object.freeze({ TAKEN: 0, CLOSED: 1, LEFT: 2 });

/** The states, each of which leads only to later ones. */
const OPEN = 0;
const ENDING = 1; // behind items that are promises, or wait for room
const OVER = 2;

/** Bytes from which on a batch crosses before the end of its turn, while a cache still holds it. */
const LARGEST_BATCH = 512 * 1024;

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
  /** What is left of the room that is reserved. */
  #items = 0;
  #bytes = 0;
  /** Whether there was none when it was last asked for. Holds until the end of the turn. */
  #isFull = false;
  #dropped = 0;
  /** Items from the first promise on that has not settled. */
  #held = new HeldItems({
    put: (item) => this.#put(item),
    released: () => {
      this.#flushLater();
      this.#overUnlessAwaited();
    },
    fail: (reason, lost) => this.#failBehind(reason, lost),
  });
  /** The calls of ready() and send() that wait for room. */
  #ready = [];
  #sends = [];
  #end;
  #isAbandoned = false;
  #abortion;
  /** When it was last asked whether the channel has ended. */
  #endings = endings.count;
  #patience = new Patience(
    () => this.#hasEnded(),
    () => this.#park(),
  );
  /** Whether #flush is to be called at the end of this turn. */
  #willFlush = false;
  #flushAtEndOfTurn = () => {
    this.#willFlush = false;
    // Within a getter of an item, the turn can only have been ended by a failure.
    if (this.#encoder?.isEncoding) this.#flushLater();
    else this.#flush(this.#isOnly && !this.#isAwaited);
  };

  /**
   * `openEnd` opens the end to which a sender listens, and gives its number. `isOnly` says that there is no other
   * sender, who could need room. `ended`, if there is one, is called when the sender has ended.
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

  /** Takes the item, whether there is room or not, and says whether there is room for more. */
  push(item) {
    if (!(this.#isOpenWithRoom() || this.#makeRoom())) {
      disown(item);
      return false;
    }
    this.#take(item);
    return this.#isOpenWithRoom();
  }

  /** Takes the item once there is room. `false` when the channel has ended before that. */
  send(item) {
    try {
      if (this.#sends.length === 0 && this.#isOpenWithRoom()) return this.#takeSent(item);
      if (this.#overflow !== 'block' && this.#makeRoom()) return this.#takeSent(item);
    } catch (reason) {
      disown(item);
      return Promise.reject(reason);
    }
    if (this.#state !== OPEN || this.#overflow !== 'block') {
      disown(item);
      return Promise.resolve(this.#state === OPEN);
    }
    return new Promise((resolve) => {
      this.#sends.push({ item, resolve });
      this.#wait();
    });
  }

  /** `true` as soon as there is room, `false` when the channel has ended. */
  ready() {
    if (this.#isOpenWithRoom()) return Promise.resolve(true);
    if (this.#state !== OPEN) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#ready.push(resolve);
      this.#wait();
    });
  }

  done() {
    this.#finish(() => native.finishSender(this.#native), true);
  }

  fail(reason) {
    this.#finish(() => this.#failNow(reason), false);
  }

  /** Made when it is first asked for, as most never are. */
  get signal() {
    this.#heedEndings();
    if (this.#abortion === undefined) {
      this.#abortion = new AbortController();
      if (this.#isAbandoned) this.#abortion.abort();
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

  /** What becomes of its items. It waits no more, and may have got room by that. */
  #ask() {
    waiting.delete(this);
    const [answer, ...room] = native.answerSender(this.#native);
    if (room[0] > 0) this.#gain(room);
    return answer;
  }

  #heed(answer) {
    if (answer !== Answer.TAKEN) this.#leave(answer);
  }

  #gain([items, bytes]) {
    this.#items += items;
    this.#bytes += bytes;
    // What is not filled by then goes back.
    this.#flushLater();
    this.#isFull = this.#items <= this.#held.length || this.#bytes <= 0;
  }

  /** Not within a getter of an item, who must not have others served meanwhile. */
  #heedEndings() {
    if (this.#endings === endings.count || this.#encoder?.isEncoding) return;
    this.#endings = endings.count;
    this.wake();
  }

  /** It may find by this that the channel has ended. */
  #isOpenWithRoom() {
    this.#heedEndings();
    return this.#state === OPEN && this.#hasRoom();
  }

  #hasRoom() {
    if (this.#items > this.#held.length && this.#bytes > 0) return true;
    return !this.#isFull && this.#reserve(false);
  }

  #reserve(byForce) {
    const room = native.reserveRoom(this.#native, byForce);
    if (room === null) {
      this.#heed(this.#ask());
      return false;
    }
    this.#gain(room);
    return !this.#isFull;
  }

  /** What the policy says to an item for which there is no room: whether it is to be taken. */
  #makeRoom() {
    if (this.#state !== OPEN) return false;
    switch (this.#overflow) {
      case 'block':
        return true;
      case 'error':
        throw queueFull();
      case 'drop-oldest':
        // Its own are the oldest, if nothing else is there.
        this.#flush();
        if (this.#reserve(true)) return true;
    }
    this.#dropped++;
    return false;
  }

  #take(item) {
    if (isThenable(item)) this.#held.addPromised(item);
    else if (this.#held.length > 0) this.#held.add(item);
    else this.#put(item);
  }

  #takeSent(item) {
    if (isThenable(item)) return new Promise((...settle) => this.#held.addPromised(item, settle));
    this.#take(item);
    return Promise.resolve(true);
  }

  /** A getter of the item may call anything, and so may end the channel, which then ends behind the item. */
  #put(item) {
    const encoder = this.#encoder;
    try {
      this.#bytes -= encoder.encode(item);
      this.#items--;
      this.#flushLater();
      if (encoder.mustTake || encoder.bytes >= LARGEST_BATCH) this.#flush(this.#isOnly);
    } finally {
      this.#overUnlessAwaited();
    }
  }

  /** An item that was held has failed. What was pushed later never comes. */
  #failBehind(reason, lost) {
    this.#flushLater();
    this.#dropped += lost;
    this.#refuse();
    this.#end = () => this.#failNow(reason);
    this.#state = ENDING;
    this.#overUnlessAwaited();
  }

  #flushLater() {
    if (this.#willFlush) return;
    this.#willFlush = true;
    atEndOfTurn(this.#flushAtEndOfTurn);
  }

  /** Hands over what was taken in this turn, and gives back room that others may want. */
  #flush(keepsRoom = false) {
    // A getter of an item must not have half of it taken. There is a flush behind the item.
    if (this.#state === OVER || this.#encoder.isEncoding) return;
    if (!keepsRoom) {
      this.#items = Math.min(this.#items, this.#held.length);
      this.#bytes = 0;
    }
    this.#isFull = false;
    if (this.#dropped > 0) native.countDropped(this.#native, this.#dropped);
    this.#dropped = 0;
    // What was taken beyond the bounds counts against the buffer from here on.
    this.#items = Math.max(0, this.#items);
    this.#bytes = Math.max(0, this.#bytes);
    const kept = [this.#items, this.#bytes];
    if (this.#encoder.count === 0) {
      stayForWake(native.pushBatch(this.#native, ...kept, 0));
      return;
    }
    const { count, head, texts, chunks } = this.#encoder.take();
    const strings = texts.length > 0 ? texts : undefined;
    const buffers = chunks.length > 0 ? chunks : undefined;
    stayForWake(native.pushBatch(this.#native, ...kept, count, head, strings, buffers));
  }

  /** Has #serve() called when there is room. */
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
    return this.#sends.length > 0 || this.#ready.length > 0;
  }

  /** Has wake() called when there is room. */
  #park() {
    const wait = native.waitForRoom(this.#native);
    this.#isFull = wait === Wait.WAITS;
    // Not at once: a loop that awaits send() must leave time to others.
    if (wait !== Wait.WAITS) inNextTurn(() => this.wake());
  }

  /** Answers whoever waits, as far as there is room. */
  #serve() {
    let served = 0;
    while (served < this.#sends.length && this.#hasRoom()) {
      const { item, resolve } = this.#sends[served++];
      try {
        resolve(this.#takeSent(item));
      } catch (reason) {
        resolve(Promise.reject(reason));
      }
    }
    this.#sends.splice(0, served);
    if (this.#ready.length > 0 && this.#sends.length === 0 && this.#hasRoom()) {
      for (const resolve of this.#ready.splice(0)) resolve(true);
    }
    if (this.#isAwaited) this.#wait();
    else this.#overUnlessAwaited();
  }

  /** done() or fail(): behind what is still held, and what waits for room, if that is still taken. */
  #finish(end, takesSends) {
    if (this.#state !== OPEN) return;
    if (takesSends) this.#refuseReady();
    else this.#refuse();
    this.#state = ENDING;
    this.#end = end;
    this.#overUnlessAwaited();
  }

  #overUnlessAwaited() {
    if (this.#state !== ENDING || this.#encoder.isEncoding) return;
    if (this.#held.length === 0 && this.#sends.length === 0) this.#over(this.#end);
  }

  #over(end) {
    this.#flush();
    this.#state = OVER;
    stayForWake(end());
    this.#ended?.();
  }

  /** Behind what all senders of this thread have taken until now. Whether this thread has woken itself. */
  #failNow(reason) {
    // Before all else: a getter of the reason may call anything.
    const encoded = encodeError(reason);
    endTurn();
    endings.count++;
    return native.failSender(this.#native, ...encoded);
  }

  /** Whoever waits for room will not get it. */
  #refuse() {
    if (waiting.has(this)) this.#ask();
    for (const { item, resolve } of this.#sends.splice(0)) {
      disown(item);
      resolve(false);
    }
    this.#refuseReady();
  }

  #refuseReady() {
    for (const resolve of this.#ready.splice(0)) resolve(false);
  }

  /** The other side takes nothing any more. */
  #leave(answer) {
    if (this.#state === OVER) return;
    this.#state = OVER;
    this.#ended?.();
    this.#encoder = undefined;
    this.#held.clear();
    this.#refuse();
    if (answer === Answer.CLOSED) return;
    this.#isAbandoned = true;
    this.#abortion?.abort();
  }
}

module.exports = { Sender };
