// Forgets streams in the middle.
import { addon } from '../support/addon.mjs';
import { collectGarbage } from '../support/garbage.mjs';
import { until } from '../support/ports.mjs';

async function abandon() {
  for (let index = 0; index < 50; index++) {
    const stream = addon.flood(1);
    await stream.next();
    addon.flood(1); // never read
    new addon.Fed(); // its stream never taken
  }
}

const collected = () => {
  collectGarbage();
  const { streams, producers } = addon.counters();
  return streams === 0 && producers === 0;
};
await abandon();
await until(collected, 'the collection of abandoned streams');
console.log(addon.counters().stopped);
