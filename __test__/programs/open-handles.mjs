// Lists the open handles of the process at several moments, as test runners do.

import { createHook } from 'node:async_hooks';
import { Worker } from 'node:worker_threads';

const handles = new Map();

/** Kinds of resources that hold no process alive. */
const HARMLESS = ['PROMISE', 'TickObject', 'Microtask', 'Immediate', 'RANDOMBYTESREQUEST'];

createHook({
  init(id, type, _trigger, resource) {
    if (!HARMLESS.includes(type)) handles.set(id, { type, resource: new WeakRef(resource) });
  },
  destroy: (id) => handles.delete(id),
}).enable();

/** Reports whether a handle is open. Handles without a method `hasRef()` count as open. */
function isOpen({ resource }) {
  const found = resource.deref();
  if (found === undefined) return false;
  return 'hasRef' in found ? found.hasRef() : true;
}

const before = new Set();
const remember = () => {
  for (const id of handles.keys()) before.add(id);
};
const open = () =>
  [...handles]
    .filter(([id, handle]) => !before.has(id) && isOpen(handle))
    .map(([, { type }]) => type);

const { createRequire } = await import('node:module');
const require = createRequire(import.meta.url);
remember();
const { Channel, range } = require('async-iterable-bridge');
const loaded = open();

for await (const _ of range(0, 10));
const channel = new Channel();
const read = open();

const source = `
  const { Channel } = require('async-iterable-bridge');
  const { parentPort, workerData } = require('node:worker_threads');
  const sender = Channel.from(workerData).sender();
  parentPort.once('message', () => sender.done());
  parentPort.postMessage('opened');`;
const worker = new Worker(source, { eval: true, workerData: channel.handle });
await new Promise((resolve) => worker.once('message', resolve));
remember();
const receiver = channel.receiver();
const next = receiver.next();
before.clear();
const waiting = open().filter((type) => type === 'async-iterable-bridge');
worker.postMessage('end');
await next;
await worker.terminate();
const left = open().filter((type) => type === 'async-iterable-bridge');

process.stdout.write(JSON.stringify({ loaded, read, waiting, left }));
