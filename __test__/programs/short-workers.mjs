// Workers that use streams and end by themselves, one after the other, with no other environment
// that has loaded the addon: their process must not lose what the next one needs.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

for (let round = 0; round < 5; round++) {
  const worker = new Worker(new URL('./counting-worker.mjs', import.meta.url));
  const [[sum], [code]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
  console.log(sum, code);
}
// Only now, because it loads the addon here.
const { untilNoHandles } = await import('../support/handles.mjs');
await untilNoHandles({ hubs: 0 });
