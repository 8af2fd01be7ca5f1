import { setImmediate } from 'node:timers/promises';

const BURST = 1024;

/** Pushes as an event source without backpressure does: many in one turn of the event loop. */
export async function pushInBursts(items, count, push) {
  for (let index = 0; index < count; index++) {
    push(items[index]);
    if (index % BURST === BURST - 1) await setImmediate();
  }
}
