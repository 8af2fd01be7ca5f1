// The iterator against JavaScript's own async generator, call by call.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { expectNoHandles } from './support/handles.mjs';
import { play, referenceStream } from './support/oracle.mjs';
import { rustStream, scriptedStream, until } from './support/ports.mjs';

expectNoHandles();

const RUNS = Number(process.env.ORACLE_RUNS ?? 2000);

const oddValue = fc.constantFrom(
  undefined,
  null,
  0,
  '',
  false,
  Number.NaN,
  'x',
  1,
  Symbol.iterator,
);

const consumer = [
  { weight: 6, arbitrary: fc.constant({ type: 'next' }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('return'),
      value: oddValue,
      how: fc.constantFrom('plain', 'resolved', 'rejected', 'later'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('throw'), reason: oddValue }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('ticks'), count: fc.integer({ min: 1, max: 5 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'settle' }) },
  { weight: 1, arbitrary: fc.constant({ type: 'close' }) },
];

const anything = fc.array(
  fc.oneof(
    ...consumer,
    { weight: 6, arbitrary: fc.record({ type: fc.constant('push'), item: oddValue }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('fail'), reason: oddValue }) },
  ),
  { maxLength: 40 },
);

const strings = fc.array(
  fc.oneof(
    ...consumer,
    { weight: 6, arbitrary: fc.record({ type: fc.constant('push'), item: fc.string() }) },
    { weight: 1, arbitrary: fc.constant({ type: 'fail', reason: 'failed' }) },
  ),
  { maxLength: 30 },
);

const withoutTick = ({ call, operation, how, value, keys }) => ({
  call,
  operation,
  how,
  value,
  keys,
});

/** A stream whose batches have one item each, read batch by batch. */
function batchedStream() {
  const subject = scriptedStream({ timeSlice: 1e6, mostAtOnce: 1 });
  return { ...subject, stream: subject.stream.batches() };
}

const unbatched = ({ value, ...settlement }) => {
  if (settlement.operation !== 'next' || !Array.isArray(value?.value)) {
    return { value, ...settlement };
  }
  const [item, ...others] = value.value;
  assert.deepEqual(others, []);
  return { value: { ...value, value: item }, ...settlement };
};

test('batches() settle every call as an async generator does', async () => {
  await fc.assert(
    fc.asyncProperty(anything, async (operations) => {
      const expected = await play(referenceStream(), operations);
      const actual = await play(batchedStream(), operations);
      assert.equal(actual.settlements.length, actual.called, 'a call was left pending');
      assert.deepEqual(
        actual.settlements.map(withoutTick).map(unbatched),
        expected.settlements.map(withoutTick),
      );
    }),
    { numRuns: RUNS },
  );
});

test('a stream settles every call as an async generator does, and in no later tick', async () => {
  await fc.assert(
    fc.asyncProperty(anything, async (operations) => {
      const expected = await play(referenceStream(), operations);
      const actual = await play(scriptedStream({ timeSlice: 1e6 }), operations);
      assert.equal(actual.settlements.length, actual.called, 'a call was left pending');
      assert.deepEqual(actual.settlements.map(withoutTick), expected.settlements.map(withoutTick));
      for (const [index, { tick }] of actual.settlements.entries()) {
        assert.ok(tick <= expected.settlements[index].tick, `settlement ${index} came late`);
      }
    }),
    { numRuns: RUNS },
  );
});

test('a stream that Rust feeds settles every call as an async generator does', async () => {
  await fc.assert(
    fc.asyncProperty(strings, async (operations) => {
      const plain = (settlement) => {
        const { value, ...rest } = withoutTick(settlement);
        return { ...rest, value: value instanceof Error ? value.message : value };
      };
      const expected = await play(referenceStream(), operations);
      const rust = countingStream(rustStream());
      const actual = await play(rust, operations, { afterFeeding: () => rust.delivered() });
      assert.equal(actual.settlements.length, actual.called, 'a call was left pending');
      assert.deepEqual(actual.settlements.map(plain), expected.settlements.map(plain));
    }),
    { numRuns: Math.ceil(RUNS / 5) },
  );
});

/**
 * A wake from another thread takes a turn of the event loop, and what is called in between counts
 * as before it: so the play waits until the stream has handed over what it can.
 */
function countingStream(subject) {
  let waiting = 0;
  const settled = () => {
    waiting--;
  };
  const next = () => {
    waiting++;
    const result = subject.stream.next();
    result.then(settled, settled);
    return result;
  };
  let hasLeft = false;
  const leave = (method) => (value) => {
    hasLeft = true;
    return subject.stream[method](value);
  };
  const isDelivered = () => {
    const { state, buffered } = subject.stream.stats;
    return waiting === 0 || hasLeft || (state === 'open' && buffered === 0);
  };
  return {
    ...subject,
    stream: { next, return: leave('return'), throw: leave('throw') },
    delivered: () => until(isDelivered, 'the delivery of what was pushed'),
  };
}
