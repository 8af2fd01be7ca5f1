import { setImmediate } from 'node:timers/promises';

const BURST = 1024;

/** Pushes many items in one turn of the event loop, as an event source without backpressure does. */
export async function pushInBursts(items, count, push) {
  for (let index = 0; index < count; index++) {
    push(items[index]);
    if (index % BURST === BURST - 1) await setImmediate();
  }
}
