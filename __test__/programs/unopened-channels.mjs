// Makes channels that are never opened, and prints the bytes that each of them takes. The argument is how many.
import { Channel } from 'async-iterable-bridge';
import { collectGarbage } from '../support/garbage.mjs';

const count = Number(process.argv[2]);
const channels = new Array(count + 1000).fill(undefined);
// Memory that is allocated once does not count: allocate it before the measurement.
for (let index = 0; index < 1000; index++) channels[count + index] = new Channel();

function measure() {
  collectGarbage();
  collectGarbage();
  const { rss, heapUsed } = process.memoryUsage();
  return { rss, heapUsed };
}

const before = measure();
for (let index = 0; index < count; index++) channels[index] = new Channel();
const after = measure();
const each = (name) => Math.round((after[name] - before[name]) / count);
process.stdout.write(JSON.stringify({ resident: each('rss'), heap: each('heapUsed') }));
globalThis.held = channels;
