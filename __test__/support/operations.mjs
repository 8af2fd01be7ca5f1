// What an oracle's play consists of, as fast-check makes it up.

import fc from 'fast-check';

/** Values that a careless implementation takes for something else. */
export const oddValue = fc.constantFrom(
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

/** What a signal is aborted with. It would make an error of its own out of undefined. */
const abortReason = oddValue.filter((reason) => reason !== undefined);

/** As long as that, not as short as fast-check's habit: most states take some calls to reach. */
const LONG = { maxLength: 40, size: 'max' };

/** What ends a stream is rare, so that there is something to end. */
const consuming = [
  { weight: 12, arbitrary: fc.constant({ type: 'next' }) },
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
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('abort'),
      reason: abortReason,
      isBeforehand: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('ticks'), count: fc.integer({ min: 1, max: 5 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'settle' }) },
];

/** Plays of a consumer and of a producer that pushes these items and fails with these reasons. */
export const feedingAndConsuming = ({ items, reasons }) =>
  fc.array(
    fc.oneof(
      ...consuming,
      { weight: 12, arbitrary: fc.record({ type: fc.constant('push'), item: items }) },
      { weight: 1, arbitrary: fc.constant({ type: 'close' }) },
      { weight: 1, arbitrary: fc.record({ type: fc.constant('fail'), reason: reasons }) },
    ),
    LONG,
  );

/** Plays of a consumer whose producer goes its own way. */
export const consumingOnly = fc.array(
  fc.oneof(
    ...consuming,
    { weight: 6, arbitrary: fc.constant({ type: 'turn' }) },
    { weight: 2, arbitrary: fc.constant({ type: 'flush' }) },
  ),
  LONG,
);
