/**
 * `npm run bench [-- NAME...] [--json FILE]`: all benchmarks, or those that are named.
 */

import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { machine } from './harness.mjs';

const ALL = ['range', 'lines', 'walk', 'idle'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' } },
});
const unknown = positionals.filter((name) => !ALL.includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}. There are: ${ALL.join(', ')}.`);
  process.exit(2);
}

console.log(machine());
const report = { machine: machine(), date: new Date().toISOString().slice(0, 10), benchmarks: [] };
for (const name of positionals.length > 0 ? positionals : ALL) {
  const { default: benchmark } = await import(`./${name}.mjs`);
  report.benchmarks.push(...(await benchmark()));
}
if (values.json !== undefined) {
  fs.writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
}
