// Loads the addon again after it has forgotten its module.
import { createRequire } from 'node:module';
import { addonPath } from '../support/addon.mjs';
import { collectGarbage } from '../support/garbage.mjs';
import { until } from '../support/scripted-streams.mjs';

const require = createRequire(import.meta.url);
for (let round = 0; round < 10; round++) {
  const addon = require(addonPath);
  const seen = [];
  for await (const number of addon.spawned(3)) seen.push(number);
  console.log(seen.join());
  delete require.cache[require.resolve(addonPath)];
}

const { counters } = require(addonPath);
const isQuiet = () => {
  collectGarbage();
  return counters().producers === 0 && (counters().streams === 0 || globalThis.Bun !== undefined);
};
await until(isQuiet, 'the last handles');
