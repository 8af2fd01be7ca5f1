// Workers that use streams and end by themselves, one after the other, while no other environment has loaded the
// addon: their process must keep everything that the next worker needs.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

for (let round = 0; round < 5; round++) {
  const worker = new Worker(new URL('./counting-worker.mjs', import.meta.url));
  const [[sum], [code]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
  console.log(sum, code);
}
// Imported only now, because it loads the addon in this environment.
const { untilNoHandles } = await import('../support/handles.mjs');
await untilNoHandles({ hubs: 0 });
