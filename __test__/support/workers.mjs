// Workers that run a role of one of the programs, such as programs/channel-worker.mjs.

import { Worker } from 'node:worker_threads';

/**
 * Starts a worker.
 *
 * @param {string} role
 * @param {object} [given] - The data of the role, such as a handle.
 * @param {string} [program] - The name of the program.
 * @returns {{worker: Worker, message(): Promise<unknown>, end: Promise<{code: number, error?: Error}>}}
 *   `message()` resolves with the next message that no earlier call has returned.
 */
export function startWorker(role, given = {}, program = 'channel-worker') {
  const path = new URL(`../programs/${program}.mjs`, import.meta.url);
  const worker = new Worker(path, { workerData: { role, ...given } });
  const arrived = [];
  const awaited = [];
  let error;
  worker.on('message', (message) => {
    if (awaited.length > 0) awaited.shift().resolve(message);
    else arrived.push(message);
  });
  worker.on('error', (reason) => {
    error = reason;
  });
  const end = new Promise((resolve) => {
    worker.once('exit', (code) => {
      for (const { reject } of awaited) reject(error ?? new Error(`The worker ${role} has ended`));
      resolve({ code, error });
    });
  });
  const message = () => {
    if (arrived.length > 0) return Promise.resolve(arrived.shift());
    return new Promise((resolve, reject) => awaited.push({ resolve, reject }));
  };
  return { worker, message, end };
}
