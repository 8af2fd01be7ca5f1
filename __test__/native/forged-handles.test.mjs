// The native functions of the package, called with values that no function of the package passes.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { runProgram } from '../support/child.mjs';

const CALLS = 400_000;

it('numbers of ends that have gone, of other threads or of none, and other values, do no harm', async () => {
  const args = ['__test__/programs/forged-handles.mjs', String(CALLS)];
  const { code, signal, stdout, stderr } = await runProgram(args);
  assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' });
  assert.deepEqual(JSON.parse(stdout), {
    calls: CALLS,
    hasThrown: true,
    odd: [],
    foreign: [1, 1],
    items: ['first', 'last'],
  });
});
