// Promises under a test's control.

import { turn } from './scripted-streams.mjs';

/** Works as Promise.withResolvers(), which Node 20 lacks. */
export function withResolvers() {
  const resolvers = {};
  resolvers.promise = new Promise((resolve, reject) =>
    Object.assign(resolvers, { resolve, reject }),
  );
  return resolvers;
}

/** Returns the value that a promise has resolved with by now, or undefined. */
export async function settled(promise) {
  return Promise.race([promise, turn().then(() => undefined)]);
}

/** Waits for `count` turns of the event loop, in which everything that can happen within this thread does. */
export async function turns(count) {
  for (let index = 0; index < count; index++) await turn();
}
