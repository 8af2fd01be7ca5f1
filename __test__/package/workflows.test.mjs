// The references that the check of the workflows accepts as pinned.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { floatingIn } from '../../scripts/workflows/floating.mjs';

const HASH = '0123456789'.repeat(4);
const DIGEST = 'sha256:'.padEnd(7 + 64, 'a1');

describe('a workflow', () => {
  it('names an action by the hash of a commit', () => {
    const workflow = [
      'jobs:',
      '  ci:',
      '    uses: ./.github/workflows/ci.yml',
      '  test:',
      '    steps:',
      `      - uses: some/action@${HASH} # v1.2.3`,
      `      - uses: some/action@${HASH}`,
      '      - name: A step',
      '        uses: some/action@v1',
    ].join('\n');
    assert.deepEqual(floatingIn(workflow), [
      { line: 7, message: `some/action@${HASH} is not pinned` },
      { line: 9, message: 'some/action@v1 is not pinned' },
    ]);
  });

  it('names an image by its version or digest', () => {
    const workflowWith = (image) => [
      `    container: ${image}\n`,
      `    container:\n      image: ${image}\n`,
      `    steps:\n      - run: docker run --rm --volume "$PWD:/project" ${image} sh -c 'npm ci'\n`,
      `    steps:\n      - run: >-\n          docker run\n          ${image}\n          node\n`,
    ];
    for (const image of ['node:24.1.0-alpine', `node@${DIGEST}`, `node:24-alpine@${DIGEST}`]) {
      for (const text of workflowWith(image)) assert.deepEqual(floatingIn(text), [], text);
    }
    for (const image of ['node', 'node:latest', 'node:24-alpine', 'example.org/node:24.1']) {
      for (const text of workflowWith(image)) assert.equal(floatingIn(text).length, 1, text);
    }
  });
});
