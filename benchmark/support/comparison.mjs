/**
 * Makes one comparison, `node comparison.mjs GROUP INDEX FILE`, and writes it to a file. Each comparison has a
 * process of its own: what V8 has learnt from one kind of items does not slow down the next.
 */

import fs from 'node:fs';
import { print } from './print.mjs';

const [group, index, file] = process.argv.slice(2);
const { default: comparisons } = await import(`../${group}.mjs`);
const comparison = await comparisons[Number(index)]();
print(comparison);
fs.writeFileSync(file, JSON.stringify({ group, index: Number(index), ...comparison }));
// Peers without cancellation may still be running.
process.exit(0);
