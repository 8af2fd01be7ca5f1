/** `opened-once.mjs KIND SOURCE COUNT`: opens one stream, reads it once, and prints the nanoseconds per item. */

import { KINDS } from './items.mjs';
import { floor, ours, rustPeers } from './sources.mjs';

const [kindName, name, count] = process.argv.slice(2);
const kind = KINDS[kindName];
const sources = [floor(kind), ...ours(kind), ...rustPeers(kind)];
const source = sources.find((each) => each.name === name);

const start = performance.now();
let items = 0;
for await (const _ of source.open(Number(count))) items++;
const milliseconds = performance.now() - start;
if (items !== Number(count)) throw new Error(`${name}: ${items} items instead of ${count}`);
console.log((milliseconds * 1e6) / items);
