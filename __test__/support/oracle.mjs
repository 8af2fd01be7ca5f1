// Plays one sequence of operations against a real async generator and against a stream of ours,
// and records every settlement.
//
// The documented differences stand here, and nowhere else:
//
//   1. return() and throw() do not wait for pending next() calls: these settle with done at once.
//      A generator would wait for its producer. So the reference's producer is made to end when
//      the consumer leaves while it waits; items that next() calls have asked for still arrive.
//   2. A settlement may come in an earlier tick than the generator's, never in a later one.

import { turn } from './ports.mjs';

/** Microtask ticks that are enough for anything that needs no turn of the event loop. */
const ENOUGH_TICKS = 30;

/**
 * @typedef {{type: 'push', item: unknown} | {type: 'close'} | {type: 'fail', reason: unknown} |
 *   {type: 'next'} | {type: 'return', value: unknown, how: 'plain' | 'resolved' | 'rejected' | 'later'} |
 *   {type: 'throw', reason: unknown} | {type: 'ticks', count: number} | {type: 'settle'}} Operation
 */

/** An async generator that is fed like a stream. */
export function referenceStream() {
  let items = [];
  let end;
  let changed;
  let asked = 0;
  const notify = () => {
    changed?.();
    changed = undefined;
  };
  const generator = (async function* () {
    while (true) {
      while (items.length > 0) yield items.shift();
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
    end ??= {};
    notify();
  };
  const settled = () => {
    asked--;
  };
  return {
    stream: {
      next() {
        asked++;
        const next = generator.next();
        next.then(settled, settled);
        return next;
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
  };
}

/**
 * @param {ReturnType<typeof referenceStream>} subject
 * @param {Operation[]} operations
 * @param {{afterFeeding?: (settlements: object[]) => Promise<void>}} [options]
 */
export async function play(subject, operations, { afterFeeding } = {}) {
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
    if (how === 'rejected') return Promise.reject(value);
    return new Promise((resolve) => deferred.push(() => resolve(value)));
  };
  const settleDeferred = () => {
    for (const settle of deferred.splice(0)) settle();
  };
  for (const operation of operations) {
    if (operation.type === 'next') watch('next', subject.stream.next());
    else if (operation.type === 'return')
      watch('return', subject.stream.return(returned(operation)));
    else if (operation.type === 'throw') watch('throw', subject.stream.throw(operation.reason));
    else if (operation.type === 'ticks') await runTicks(operation.count);
    else if (operation.type === 'settle') settleDeferred();
    else {
      if (operation.type === 'push') subject.push(operation.item);
      else if (operation.type === 'close') subject.close();
      else subject.fail(operation.reason);
      await afterFeeding?.(settlements);
    }
  }
  await runTicks(ENOUGH_TICKS);
  watch('return', subject.stream.return('last'));
  settleDeferred();
  for (let turns = 0; turns < 3; turns++) {
    await runTicks(ENOUGH_TICKS);
    await turn();
  }
  return { settlements, called };
}

function keysOf(value, how) {
  return how === 'fulfilled' ? Object.getOwnPropertyNames(value) : undefined;
}
