/**
 * The rhythms in which a producer and a consumer of one thread take turns. Each is a loop over a fresh queue,
 * `{ push, done, iterable }`, and resolves to the number of items that the consumer received. `ownRhythms` gives each
 * contender its own copy of this module, so that V8 compiles its loops for it alone.
 */

/** Pushes all items before the consumer asks. */
export async function ahead({ push, done, iterable }, items) {
  for (let item = 0; item < items; item++) push(item);
  done();
  return count(iterable);
}

/** Pushes one item in each tick, whatever the consumer does. */
export async function oneEachTick({ push, done, iterable }, items) {
  const counted = count(iterable);
  for (let item = 0; item < items; item++) {
    push(item);
    await undefined;
  }
  done();
  return counted;
}

/** Pushes the next item in the body of the consumer's loop. */
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

/** Makes the consumer wait for each item. */
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
