// Streams and channels in a program that has put accessors on the prototypes of the language. The accessors transfer
// away the values that they get.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addon, addonPath } from '../support/addon.mjs';
import { collect } from '../support/channels.mjs';
import { runProgram } from '../support/child.mjs';

const PROGRAM = '__test__/programs/hostile-prototypes.mjs';

/** The outcome of each use in any program. */
const OF_THE_ADDON = {
  rows: '2 Ada 👩‍🚀 -9223372036854775808 a,中文 3',
  numbers: `0.1,0,${Number.MAX_VALUE},NaN,Infinity`,
  bigints: `${-(2n ** 127n)},-1,0,${2n ** 127n - 1n}`,
  strings: ',plain,grün 中 🚀',
  manyStrings: '3 20000 19999',
  bytes: '737461746963,00',
  arrays: '2.5 9,9,9,9,9 -4',
  values: '[[[1,"one"]],[]]',
};
const OF_THE_PACKAGE = {
  range: 49_995_000,
  lines: 'MIT License',
  bytesOfLines: 'MIT License',
  missingFile: 'ENOENT',
  walk: true,
  channel: '100 item 99',
  iterable: 100,
};

/** The uses that may fail if the runtime exposes the memory of a new Buffer to an accessor. */
const WITH_BUFFERS = ['rows', 'bytes', 'arrays', 'bytesOfLines'];

async function run(when, kind, uses) {
  const args = [PROGRAM, when, kind, Object.keys(uses).join()];
  const env = { ...process.env, TEST_ADDON: addonPath };
  const { code, signal, stdout, stderr } = await runProgram(args, { env });
  assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' });
  return JSON.parse(stdout);
}

/** Whether the package itself has made its memory for channels before: what is transferred then is a refusal. */
const loads = (when, kind) => when === 'after' || !['views', 'buffers'].includes(kind);

describe('accessors that a program defines', () => {
  for (const when of ['before', 'after']) {
    for (const kind of [
      'objects',
      'exchanges',
      'arrays',
      'indices',
      'views',
      'buffers',
      'promises',
    ]) {
      it(`of ${kind}, ${when} the first stream, never get what streams share`, async () => {
        const uses = { ...OF_THE_ADDON, ...(loads(when, kind) ? OF_THE_PACKAGE : {}) };
        const outcomes = await run(when, kind, uses);
        for (const name of kind === 'buffers' ? WITH_BUFFERS : []) {
          if (outcomes[name] === 'TypeError') outcomes[name] = uses[name];
        }
        assert.deepEqual(outcomes, { ...uses, slabs: 0 });
      });
    }
  }
});

describe('a decoder that transfers the shared numbers away', () => {
  it('gets its items wrong, and no later stream', async () => {
    globalThis.decodeShown = (count, numbers) => {
      structuredClone(numbers.buffer, { transfer: [numbers.buffer] });
      return Array.from({ length: count }, (_, index) => numbers[index]);
    };
    try {
      for (let round = 0; round < 3; round++) {
        const lost = await collect(addon.itemsShown());
        assert.deepEqual(lost, [undefined, undefined]);
        assert.deepEqual(await collect(addon.itemsI64()), [-(2n ** 63n), -1n, 0n, 2n ** 63n - 1n]);
        const stream = addon.itemsF64();
        const { value } = await stream.next();
        assert.equal(value, 0.1);
        assert.ok(stream.stats.pushed > 0);
      }
    } finally {
      delete globalThis.decodeShown;
    }
  });
});
