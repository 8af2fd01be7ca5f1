// The functions that the conversion of an item may call.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { addon } from '../support/addon.mjs';
import { collect } from '../support/channels.mjs';
import { expectNoHandles } from '../support/handles.mjs';

// Runs before the streams are counted, because it may hold some.
afterEach(() => {
  delete globalThis.convertCalling;
});
expectNoHandles();

test('a conversion that looks at its own stream gets an error, and its stream goes on', async () => {
  const stream = addon.itemsCalling();
  globalThis.convertCalling = () => {
    assert.throws(() => stream.stats, {
      code: 'ERR_INTERNAL_ASSERTION',
      message: "An item's conversion has used the stream that it belongs to",
    });
    return 'converted';
  };
  assert.deepEqual(await collect(stream), ['converted', 'converted']);
  assert.equal(stream.stats.state, 'closed');
});

test('a conversion that uses other streams gets their items', async () => {
  const others = [];
  globalThis.convertCalling = () => {
    const other = addon.itemsI64();
    others.push(collect(other));
    return other.stats.capacity;
  };
  assert.deepEqual(await collect(addon.itemsCalling()), [1024, 1024]);
  for (const items of await Promise.all(others)) assert.equal(items.length, 4);
});
