/**
 * How a producer and a consumer of one thread take turns. Each is a loop over a fresh queue, `{ push, done,
 * iterable }`, and resolves to how many items the consumer had. `ownRhythms` gives each contender a copy of
 * this module of its own, so that V8 compiles its loops for it alone.
 */

/** All items are there before the consumer asks. */
export async function ahead({ push, done, iterable }, items) {
  for (let item = 0; item < items; item++) push(item);
  done();
  return count(iterable);
}

/** The producer pushes one item in each tick, whatever the consumer does. */
export async function oneEachTick({ push, done, iterable }, items) {
  const counted = count(iterable);
  for (let item = 0; item < items; item++) {
    push(item);
    await undefined;
  }
  done();
  return counted;
}

/** The consumer pushes the next item in the body of its loop. */
export async function oneEachTurn({ push, done, iterable }, items) {
  let received = 0;
  push(0);
  for await (const _ of iterable) {
    received += 1;
    if (received < items) push(received);
    else done();
  }
  return received;
}

/** The consumer waits for each item. */
export async function oneForEachWait({ push, done, iterable }, items) {
  let received = 0;
  for (let item = 0; item < items; item++) {
    const next = iterable.next();
    push(item);
    if (!(await next).done) received += 1;
  }
  done();
  return received;
}

async function count(iterable) {
  let received = 0;
  for await (const _ of iterable) received += 1;
  return received;
}

let copies = 0;

export async function ownRhythms() {
  copies += 1;
  // Modules with different addresses are different modules.
  return import(`./rhythms.mjs?copy=${copies}`);
}
