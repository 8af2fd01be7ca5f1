// Forgets streams in the middle.
import { addon } from '../support/addon.mjs';
import { untilNoHandles } from '../support/handles.mjs';
import { until } from '../support/scripted-streams.mjs';

async function abandon() {
  for (let index = 0; index < 50; index++) {
    const stream = addon.flood(1);
    await stream.next();
    addon.flood(1); // never read
    new addon.Fed(); // its stream never taken
  }
}

await abandon();
await untilNoHandles();
// A thread counts itself after its producer has gone.
await until(() => addon.counters().stopped === 100, 'the end of the threads');
console.log('collected');
