// Plays one sequence of operations against a real async generator and against a stream of this package, and records
// every settlement.
//
// The documented differences are handled here, and nowhere else:
//
//   1. return() and throw() do not wait for pending next() calls: these settle with done at once.
//      A generator would wait for its producer. So the reference ends its producer when the
//      consumer leaves while it waits; items that next() calls have asked for still arrive.
//   2. A settlement may come in an earlier tick than the generator's, never in a later one.
//   3. A generator has no AbortSignal. The reference treats an abort as a failure with the same
//      reason, except for the buffer: items that next() calls have asked for still arrive, and
//      the others are dropped, together with an end that no next() has asked for. Only the first
//      abort counts, and none after the end.
//
// A fourth difference, the time slice, is not played: streams that are compared with the reference call by call have
// a time slice that does not end.

import assert from 'node:assert/strict';
import { turn } from './scripted-streams.mjs';

/** The number of microtask ticks that is enough for anything that needs no turn of the event loop. */
const ENOUGH_TICKS = 30;

/** Operations with which the consumer leaves. */
const LEAVING = new Set(['return', 'throw', 'abort']);

/** A time slice in milliseconds that is longer than any play. */
export const ENDLESS = 1e6;

/**
 * @typedef {{type: 'push', item: unknown} | {type: 'close'} | {type: 'fail', reason: unknown} |
 *   {type: 'next'} | {type: 'return', value: unknown, how: 'plain' | 'resolved' | 'rejected' | 'later'} |
 *   {type: 'throw', reason: unknown} | {type: 'abort', reason: unknown, isBeforehand: boolean} |
 *   {type: 'ticks', count: number} | {type: 'settle'} | {type: 'turn'} | {type: 'flush'}} Operation
 *
 * The subject of a play:
 *
 * @typedef {{
 *   stream: Pick<AsyncGenerator, 'next' | 'return' | 'throw'>,
 *   push(item: unknown): void, close(): void, fail(reason: unknown): void,
 *   abort(reason: unknown): void,
 *   flush?(): Promise<void>,
 *   beforeLeaving?(): Promise<void> | undefined,
 * }} Subject - flush() resolves once all items that can be delivered have been; a subject that delivers at once has
 *   none. beforeLeaving() is awaited before the consumer leaves.
 */

/** Takes the value that a reference yields out of the items that it has been fed. */
export const oneItem = (items) => items.shift();
export const batchOfOne = (items) => items.splice(0, 1);
export const wholeBatch = (items) => items.splice(0);

/**
 * Returns an async generator that is fed like a stream.
 *
 * @returns {Subject}
 */
export function referenceStream({ take = oneItem } = {}) {
  let items = [];
  let end;
  let changed;
  let isAborted = false;
  /** The number of calls of next() for which the generator has neither an item nor an end. */
  let asked = 0;
  const notify = () => {
    changed?.();
    changed = undefined;
  };
  const generator = (async function* () {
    while (true) {
      while (items.length > 0) {
        asked--;
        yield take(items);
      }
      if (end !== undefined) {
        if ('reason' in end) throw end.reason;
        return;
      }
      await new Promise((resolve) => {
        changed = resolve;
      });
    }
  })();
  const finish = (how) => {
    end ??= how;
    notify();
  };
  const leave = () => {
    if (asked === 0) return;
    items = items.slice(0, asked);
    finish({});
  };
  return {
    stream: {
      next() {
        asked++;
        return generator.next();
      },
      return(value) {
        leave();
        return generator.return(value);
      },
      throw(reason) {
        leave();
        return generator.throw(reason);
      },
    },
    push(item) {
      if (end !== undefined) return;
      items.push(item);
      notify();
    },
    close: () => finish({}),
    fail: (reason) => finish({ reason }),
    abort(reason) {
      const isEndAskedFor = end !== undefined && asked > items.length;
      if (isAborted || isEndAskedFor) return;
      isAborted = true;
      items = items.slice(0, asked);
      end = { reason };
      notify();
    },
  };
}

/**
 * Returns a reference that takes all the items it was fed before the play goes on. A stream whose batches are
 * compared does the same: the content of a batch depends on it.
 */
export function promptReference(options) {
  return { ...referenceStream(options), flush: turn };
}

/**
 * Opens a subject. Aborts its signal beforehand, if the operations begin with such an abort.
 *
 * @param {(controller: AbortController) => Subject} open
 * @param {Operation[]} operations
 */
export function openFor([first], open) {
  const controller = new AbortController();
  if (first?.type === 'abort' && first.isBeforehand) controller.abort(first.reason);
  return open(controller);
}

/**
 * @param {Subject} subject
 * @param {Operation[]} operations
 */
export async function play(subject, operations) {
  const settlements = [];
  const deferred = [];
  let tick = 0;
  let called = 0;
  const watch = (operation, promise) => {
    const call = called++;
    const settle = (how) => (value) => {
      settlements.push({ call, operation, how, value, keys: keysOf(value, how), tick });
    };
    promise.then(settle('fulfilled'), settle('rejected'));
  };
  const runTicks = async (count) => {
    for (let index = 0; index < count; index++) {
      await undefined;
      tick++;
    }
  };
  const returned = ({ value, how }) => {
    if (how === 'plain') return value;
    if (how === 'resolved') return Promise.resolve(value);
    if (how === 'rejected') return rejected(value);
    return new Promise((resolve) => deferred.push(() => resolve(value)));
  };
  const settleDeferred = () => {
    for (const settle of deferred.splice(0)) settle();
  };
  /** Performs operations. One that takes time returns a promise; the others take no tick, so that calls overlap. */
  const perform = {
    next: () => watch('next', subject.stream.next()),
    return: (operation) => watch('return', subject.stream.return(returned(operation))),
    throw: ({ reason }) => watch('throw', subject.stream.throw(reason)),
    abort: ({ reason }) => subject.abort(reason),
    ticks: ({ count }) => runTicks(count),
    settle: settleDeferred,
    turn,
    flush: () => subject.flush?.(),
    push({ item }) {
      subject.push(item);
      return subject.flush?.();
    },
    close() {
      subject.close();
      return subject.flush?.();
    },
    fail({ reason }) {
      subject.fail(reason);
      return subject.flush?.();
    },
  };
  for (const operation of operations) {
    if (LEAVING.has(operation.type)) {
      const ready = subject.beforeLeaving?.();
      if (ready !== undefined) await ready;
    }
    const performed = perform[operation.type](operation);
    if (performed !== undefined) await performed;
  }
  await runTicks(ENOUGH_TICKS);
  await subject.flush?.();
  watch('return', subject.stream.return('last'));
  settleDeferred();
  for (let turns = 0; turns < 3; turns++) {
    await runTicks(ENOUGH_TICKS);
    await turn();
  }
  return { settlements, called };
}

/** Returns a rejected promise without an unhandled rejection: a call that waits for others reads its value late. */
function rejected(reason) {
  const promise = Promise.reject(reason);
  promise.catch(() => {});
  return promise;
}

function keysOf(value, how) {
  return how === 'fulfilled' ? Object.getOwnPropertyNames(value) : undefined;
}

/** Compares what two plays have recorded, except for the ticks. */
export function expectSameSettlements(actual, expected) {
  assert.equal(actual.settlements.length, actual.called, 'a call was left pending');
  const withoutTick = ({ tick, ...settlement }) => settlement;
  assert.deepEqual(actual.settlements.map(withoutTick), expected.settlements.map(withoutTick));
}

/** Compares the ticks of two plays whose settlements are the same. */
export function expectNoLaterTick(actual, expected) {
  for (const [index, { tick }] of actual.settlements.entries()) {
    assert.ok(tick <= expected.settlements[index].tick, `settlement ${index} came late`);
  }
}
