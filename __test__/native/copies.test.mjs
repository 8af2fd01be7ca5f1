// Several copies of the package in one process. No copy knows the channels and buses of the others.

import assert from 'node:assert/strict';
import { cpSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { projectRoot, runProgram } from '../support/child.mjs';
import { makeFolder } from '../support/folder.mjs';

const addon = readdirSync(projectRoot).find((name) => name.endsWith('.node'));
const program = fileURLToPath(new URL('../programs/copies.mjs', import.meta.url));

/** Makes another copy of the package, with an addon of its own, as npm nests it. */
function makeCopy() {
  const folder = realpathSync(makeFolder({}));
  for (const name of ['index.js', 'package.json', 'lib', addon]) {
    cpSync(join(projectRoot, name), join(folder, name), { recursive: true });
  }
  return folder;
}

/** A copy has an addon of its own, so an addon that a variable names cannot be tested here. */
const options = { skip: Boolean(process.env.ASYNC_ITERABLE_BRIDGE_ADDON) };

const copy = makeCopy();

const NAMED =
  '2 copies of async-iterable-bridge are loaded in this process, and none knows the channels and event buses of the ' +
  `others: ${[join(copy, addon), join(projectRoot, addon)].sort().join(', ')}`;

/** Runs a role of the program, and returns its report. */
async function run(role) {
  const { stdout, ...ending } = await runProgram([program, role, copy], {
    env: { ...process.env, ASYNC_ITERABLE_BRIDGE_ADDON: '', NODE_NO_WARNINGS: '1' },
  });
  assert.equal(ending.code, 0, ending.stderr);
  return JSON.parse(stdout);
}

const endsWith = (text, end) => assert.ok(text.endsWith(end), `${text}\ndoes not end with\n${end}`);

for (const [role, where] of Object.entries({ thread: 'the same thread', worker: 'another' })) {
  describe(`a second copy of the package, in ${where}`, options, () => {
    it('is named when it is given a handle of the first', async () => {
      const [{ code, message }] = await run(role);
      assert.equal(code, 'ERR_CHANNEL_NOT_FOUND');
      endsWith(message, `in this process, or it has ended. ${NAMED}`);
    });
  });
}

describe('a second copy of the package', options, () => {
  it('is named in a warning, once, and in the timeout of a request that waits for a handler', async () => {
    const [error, ...warnings] = await run('request');
    assert.equal(error.code, 'ERR_REQUEST_TIMEOUT');
    assert.equal(error.message, `The request had no answer for 20 ms. ${NAMED}`);
    assert.deepEqual(warnings, [
      {
        name: 'Warning',
        code: 'ASYNC_ITERABLE_BRIDGE_COPIES',
        message: `Requests over the event bus "shared" may miss their handler. ${NAMED}`,
      },
    ]);
  });

  it('is named in a warning when it handles requests', async () => {
    const warnings = await run('handler');
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['ASYNC_ITERABLE_BRIDGE_COPIES'],
    );
    endsWith(warnings[0].message, NAMED);
  });

  it('is not spoken of where there is none', async () => {
    const [notFound, timedOut, ...warnings] = await run('alone');
    endsWith(notFound.message, 'in this process, or it has ended');
    assert.equal(timedOut.message, 'The request had no answer for 1 ms');
    assert.deepEqual(warnings, []);
  });
});
