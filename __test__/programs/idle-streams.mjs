// Opens streams in every state without a waiting consumer, and reaches its end.
import { range, readLines, walk } from '../../index.mjs';
import { addon } from '../support/addon.mjs';

const streams = [range(0, 1e9), walk('.'), readLines('package.json')];
streams.push(range(0, 1e9, { start: 'eager' }));
const read = range(0, 1e9);
await read.next();
streams.push(read, addon.flood(2), new addon.Fed().stream());
const left = range(0, 1e9);
for await (const number of left) if (number === 10) break;
console.log('end');
globalThis.streams = streams;
