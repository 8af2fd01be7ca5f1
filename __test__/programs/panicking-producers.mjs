// Producers that panic while two next() calls are pending. The process goes on.
import { addon } from '../support/addon.mjs';
import { untilNoHandles } from '../support/handles.mjs';

async function consume(name, stream) {
  const settled = await Promise.allSettled([stream.next(), stream.next()]);
  const outcomes = settled.map(
    ({ reason, value }) => reason?.code ?? (value.done ? 'done' : value.value),
  );
  console.log(`${name}: ${outcomes.join(', ')}`);
}

for (const runner of ['thread', 'task', 'handle'])
  await consume(runner, addon.panicking(0, runner));
await consume('at once', addon.panickingAtOnce());
await consume('afterwards', addon.spawned(2));
await untilNoHandles();
