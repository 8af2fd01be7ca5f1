// Compares random values that have crossed with those of structuredClone, including the identity of each part.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatchEncoder, carry } from '../support/codec.mjs';
import { randomSeed } from '../support/random.mjs';
import { randomValue } from '../support/random-values.mjs';
import { differenceOf } from '../support/same-clone.mjs';

const RUNS = Number(process.env.CLONE_RUNS ?? 3000);
const FIRST_SEED = Number(process.env.CLONE_SEED ?? randomSeed());

/** Returns a call's result, or the name of the error that it has thrown. */
function outcomeOf(call) {
  try {
    return { result: call() };
  } catch (error) {
    return { error };
  }
}

for (const isHostile of [false, true]) {
  // Bun's own clone has the properties of a Map and no causes of errors, and so runs other getters.
  if (isHostile && globalThis.Bun !== undefined) continue;
  const what = isHostile ? 'hostile values' : 'values';
  test(`random ${what} arrive as structuredClone gives them`, () => {
    const encoder = new BatchEncoder();
    for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
      const ours = randomValue(seed, isHostile);
      const theirs = randomValue(seed, isHostile);
      const expected = outcomeOf(() => structuredClone(theirs.value));
      const received = outcomeOf(() => carry([ours.value], encoder)[0]);
      const where = `CLONE_SEED=${seed}`;
      assert.deepEqual(ours.reads, theirs.reads, `${where}: getters`);
      if (expected.error !== undefined) {
        assert.equal(received.error?.name, expected.error.name, `${where}: ${expected.error}`);
      } else {
        assert.equal(received.error, undefined, `${where}: ${received.error?.stack}`);
        assert.equal(differenceOf(received.result, expected.result), undefined, where);
      }
    }
  });
}
