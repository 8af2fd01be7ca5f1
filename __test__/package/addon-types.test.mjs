// `npm run typecheck` checks types/generated.d.cts: the declarations that `napi build` has made of a small addon,
// with the header that the crate's guide gives.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the declarations that are checked begin with the header that the guide gives', () => {
  const header = read('../../crates/async-iterable-bridge/src/guide/stream.d.ts');
  assert.ok(read('../types/generated.d.cts').startsWith(header));
});
