// The operations of an oracle's play, as fast-check generates them.

import fc from 'fast-check';

/** Values that a careless implementation may misinterpret. */
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

/** The reason of an abort. A signal would replace undefined by an error of its own. */
const abortReason = oddValue.filter((reason) => reason !== undefined);

/** Options for longer plays than fast-check makes by default: most states take several calls to reach. */
const LONG = { maxLength: 40, size: 'max' };

/** The operations of a consumer. Those that end a stream are rare, so that the stream has items to end with. */
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

/** Generates plays of a consumer and of a producer that pushes these items and fails with these reasons. */
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

/** Generates plays of a consumer whose producer is not under the play's control. */
export const consumingOnly = fc.array(
  fc.oneof(
    ...consuming,
    { weight: 6, arbitrary: fc.constant({ type: 'turn' }) },
    { weight: 2, arbitrary: fc.constant({ type: 'flush' }) },
  ),
  LONG,
);
