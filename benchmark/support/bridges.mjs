/** The request bridges that are compared, and the workers that answer their requests. */

import { startWorker } from './worker.mjs';

export const HAND_WRITTEN = 'hand-written, over a MessagePort';

export const BRIDGES = [
  { name: HAND_WRITTEN, way: 'hand-written' },
  { name: 'ours, over a MessagePort', way: 'ours-over-port', ours: true },
  { name: 'ours, over createEventBus', way: 'ours', ours: true },
];

/**
 * Opens a caller, whose requests `{ count }` are answered with `count` chunks, and a counter of the chunks
 * that the handler has made.
 */
export async function openBridge(way) {
  const { connect } = await import(`../peers/bridges/${way}.mjs`);
  const line = connect();
  const made = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  await startWorker('answering-worker.mjs', line, { way, made });
  return { caller: line.caller, made: () => Atomics.load(made, 0) };
}
