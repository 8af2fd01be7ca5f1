// Promises under a test's control.

import { turn } from './ports.mjs';

/** As Promise.withResolvers(), which Node 20 has not. */
export function withResolvers() {
  const resolvers = {};
  resolvers.promise = new Promise((resolve, reject) =>
    Object.assign(resolvers, { resolve, reject }),
  );
  return resolvers;
}

/** What a promise has resolved with by now, or undefined. */
export async function settled(promise) {
  return Promise.race([promise, turn().then(() => undefined)]);
}

/** So many turns of the event loop, after which whatever can happen within this thread has. */
export async function turns(count) {
  for (let index = 0; index < count; index++) await turn();
}
