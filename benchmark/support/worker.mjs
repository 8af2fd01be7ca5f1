/** Workers that are the other side of a contender. */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/**
 * Starts a module of this folder, and waits for the message that says that it listens.
 *
 * @param {string} module
 * @param {{end?: unknown, transferList?: import('node:worker_threads').Transferable[]}} line
 *   what `connect` of the contender has given
 * @param {object} data  what else the module is told
 */
export async function startWorker(module, { end, transferList }, data) {
  const workerData = { ...data, end };
  const worker = new Worker(new URL(module, import.meta.url), { workerData, transferList });
  await once(worker, 'message');
  return worker;
}
