// The publication of the crates continues where it was interrupted.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CRATES, publishCrates } from '../../scripts/release/crates.mjs';

/** Makes an index of crates that has some, and a cargo that queries it and publishes into it. */
function makeIndex(...published) {
  const index = new Set(published);
  const runs = [];
  return {
    index,
    runs,
    ask([command, id, ...where]) {
      assert.deepEqual([command, ...where], ['info', '--registry', 'crates-io']);
      if (index.has(id)) return { status: 0, stderr: '' };
      return { status: 101, stderr: `error: could not find \`${id}\` in registry \`the index\`\n` };
    },
    publish(args) {
      runs.push(args.join(' '));
      return { status: 0, stderr: '' };
    },
  };
}

describe('the crates', () => {
  const [derive, main] = CRATES;

  it('are published together', () => {
    const cargo = makeIndex(`${main}@0.9.0`);
    assert.deepEqual(publishCrates('1.0.0', [], cargo), CRATES);
    assert.deepEqual(cargo.runs, [`publish --locked -p ${derive} -p ${main}`]);
  });

  it('are left alone if they are published', () => {
    const cargo = makeIndex(`${derive}@1.0.0`);
    assert.deepEqual(publishCrates('1.0.0', ['--dry-run'], cargo), [main]);
    assert.deepEqual(cargo.runs, [`publish --locked --dry-run -p ${main}`]);

    const complete = makeIndex(`${derive}@1.0.0`, `${main}@1.0.0`);
    assert.deepEqual(publishCrates('1.0.0', [], complete), []);
    assert.deepEqual(complete.runs, []);
  });

  it('are not published if cargo cannot tell what is, or refuses', () => {
    const cargo = makeIndex();
    const silent = { ...cargo, ask: () => ({ status: 101, stderr: 'error: no network' }) };
    assert.throws(() => publishCrates('1.0.0', [], silent), { message: /whether.*\n.*no network/ });
    assert.deepEqual(cargo.runs, []);
    const refusing = { ...cargo, publish: () => ({ status: 101, stderr: '' }) };
    assert.throws(() => publishCrates('1.0.0', [], refusing), { message: /Not all is published/ });
  });
});
