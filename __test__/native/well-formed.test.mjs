// Ill-formed text with half of a surrogate pair. In Rust all such halves would be the same.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Channel, createEventBus, readLines, walk } from 'async-iterable-bridge';

const HALVES = ['\uD800', '\uDFFF', 'a\uDC00\uD800b', `${'x'.repeat(200)}\uD83D`];

const { handle } = new Channel();

const takers = {
  name: createEventBus,
  path: readLines,
  root: walk,
  handle: (text) => Channel.from(handle + text),
};

for (const [name, take] of Object.entries(takers)) {
  describe(`the argument '${name}'`, () => {
    it('refuses lone surrogates', () => {
      for (const text of HALVES) {
        assert.throws(() => take(text), {
          name: 'TypeError',
          code: 'ERR_INVALID_ARG_VALUE',
          message: new RegExp(`^The argument '${name}' must be `),
        });
      }
    });
  });
}

describe('a pair of surrogates', () => {
  it('is a character like any other', () => {
    const bus = createEventBus('\u{1F600}');
    assert.equal(bus.name, '\u{1F600}');
    bus.close();
  });
});
