// A pending next() of a stream that can still produce keeps the process alive until it settles.
import { addon } from '../support/addon.mjs';
import { untilNoHandles } from '../support/handles.mjs';

async function wait() {
  const fed = new addon.Fed();
  const stream = fed.stream();
  setTimeout(() => fed.pushFromThread(['late']), 50).unref();
  console.log((await stream.next()).value);
}

await wait();
await untilNoHandles();
