// Two addons that link the crate, the package's and the tests', in one process: the main thread and several
// workers use both at once, and some of the workers are terminated meanwhile.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { AsyncIterableBridge, range } from '../../index.mjs';
import { addon } from '../support/addon.mjs';
import { untilNoHandles } from '../support/handles.mjs';

const WORKERS = 6;
const ITEMS = 50_000;

async function sum(stream) {
  let total = 0;
  for await (const number of stream) total += number;
  return total;
}

/** Reads streams of both addons in turn and at once. */
async function useBoth() {
  const ours = range(0, 10);
  const theirs = addon.spawned(10);
  if (!(ours instanceof AsyncIterableBridge) || theirs instanceof AsyncIterableBridge) {
    throw new Error('the class of one addon is that of the other');
  }
  for (let number = 0; number < 10; number++) {
    const results = await Promise.all([ours.next(), theirs.next()]);
    if (results.some(({ value }) => value !== number)) throw new Error('items went astray');
  }
  await ours.return();
  await theirs.return();
  const streams = Array.from({ length: 4 }, () => [range(0, ITEMS), addon.spawned(ITEMS)]).flat();
  const sums = await Promise.all(streams.map(sum));
  return sums.every((total) => total === (ITEMS * (ITEMS - 1)) / 2);
}

if (isMainThread) {
  const workers = Array.from({ length: WORKERS }, () => new Worker(new URL(import.meta.url)));
  const stayed = await Promise.all([
    useBoth(),
    ...workers.map(async (worker, index) => {
      if (index % 2 === 1) {
        await once(worker, 'online');
        await worker.terminate();
        return true;
      }
      const exited = once(worker, 'exit');
      const [isRight] = await once(worker, 'message');
      await exited;
      return isRight;
    }),
  ]);
  await untilNoHandles({ heldByWorkers: Number.POSITIVE_INFINITY });
  console.log(stayed.join(' '));
} else {
  addon.flood(2).next();
  const isRight = await useBoth();
  parentPort.postMessage(isRight);
  // The stream of the flood still waits for its second next().
  process.exit(0);
}
