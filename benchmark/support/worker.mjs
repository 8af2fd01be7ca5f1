/** Workers for the other side of a contender. */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/**
 * Starts a module of this folder, and waits for its message that it listens.
 *
 * @param {string} module
 * @param {{end?: unknown, transferList?: import('node:worker_threads').Transferable[]}} line
 *   the result of the contender's `connect`
 * @param {object} data  further data for the module
 */
export async function startWorker(module, { end, transferList }, data) {
  const workerData = { ...data, end };
  const worker = new Worker(new URL(module, import.meta.url), { workerData, transferList });
  await once(worker, 'message');
  return worker;
}
