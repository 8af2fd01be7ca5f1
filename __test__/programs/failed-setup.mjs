// Loads the package twice when its set-up fails, and once more when it does not.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { performance } = globalThis;

Object.defineProperty(globalThis, 'performance', { value: undefined, configurable: true });
for (let attempt = 0; attempt < 2; attempt++) {
  try {
    require('../../index.js');
    console.log('loaded');
  } catch {
    console.log('failed');
  }
}
Object.defineProperty(globalThis, 'performance', { value: performance, configurable: true });
const { range } = require('../../index.js');
for await (const number of range(0, 3)) console.log(number);
