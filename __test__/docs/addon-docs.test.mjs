// The snippets in the documents about addons, except Rust, which cargo compiles: JavaScript, which runs with a
// substitute for the addon, and manifests.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../support/child.mjs';
import { testExamples } from '../support/examples.mjs';

testExamples('docs/migrating.md', {
  others: ['rust'],
  showsOutput: false,
  before: `
    class Squares {
      #number = 0;
      #count;
      constructor(count) {
        this.#count = count;
      }
      async next() {
        return this.#number < this.#count ? this.#number++ ** 2 : null;
      }
    }
    async function squares(count, onItem) {
      for (let number = 0; number < count; number++) {
        if (number % 3 === 0) await new Promise(setImmediate);
        onItem(number ** 2);
      }
      onItem(null);
    }
    const addon = { Squares, squares };\n`,
  prints: '0\n1\n4\n9\n16\n25\n36\n49\n64\n81\n',
});

testExamples('crates/async-iterable-bridge/README.md', {
  others: ['rust', 'toml'],
  showsOutput: false,
  before: `
    const addon = {
      async *squares(count) {
        try {
          for (let number = 0; number < count; number++) yield number ** 2;
        } finally {
          console.log('stopped');
        }
      },
    };\n`,
  prints: 'stopped\n',
});

/** Returns the entry of a manifest for each dependency on a crate of other authors. */
function dependenciesOf(manifest) {
  const lines = manifest.matchAll(/^(napi[\w-]*) = (.*)$/gm);
  return Array.from(lines, ([, name, text]) => ({
    name,
    version: /"(\d[\d.]*)"/.exec(text)[1],
    hasDefaults: !text.includes('default-features = false'),
    features: /features = \[(.*?)\]/.exec(text)?.[1].split(', ') ?? [],
  }));
}

for (const document of ['crates/async-iterable-bridge/README.md', 'examples/addon/README.md']) {
  test(`the manifest of ${document} is as one that is built`, () => {
    const read = (path) => readFileSync(join(projectRoot, path), 'utf8');
    const built = dependenciesOf(read('examples/addon/Cargo.toml'));
    const shown = dependenciesOf(/^```toml\n(.*?)^```$/ms.exec(read(document))[1]);
    assert.deepEqual(
      shown.map(({ name }) => name),
      ['napi', 'napi-derive', 'napi-build'],
    );
    for (const { name, version, hasDefaults, features } of shown) {
      const actual = built.find((dependency) => dependency.name === name);
      assert.ok(`${actual.version}.`.startsWith(`${version}.`), `${name} ${version}`);
      assert.equal(hasDefaults, actual.hasDefaults, name);
      assert.deepEqual(
        features.filter((feature) => !actual.features.includes(feature)),
        [],
        name,
      );
    }
  });
}
