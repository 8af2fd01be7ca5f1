// Compares the package's iterator with JavaScript's own async generator, call by call, for every kind of stream.

import { test } from 'node:test';
import fc from 'fast-check';
import { FED_STREAMS } from '../support/fed-streams.mjs';
import { expectNoHandles } from '../support/handles.mjs';
import { consumingOnly, feedingAndConsuming } from '../support/operations.mjs';
import { expectNoLaterTick, expectSameSettlements, openFor, play } from '../support/oracle.mjs';
import { openSource, SOURCES, sourceOptions, sourceReference } from '../support/sources.mjs';

expectNoHandles();

const RUNS = Number(process.env.ORACLE_RUNS ?? 2000);

/** The number of runs across threads: fewer, because runs that need turns of the event loop take longer. */
const RUNS_ACROSS_THREADS = Math.ceil(RUNS / 5);

/** Calls that are never settled are waited for in vain, too often to look for the shortest play. */
const runs = (numRuns) => ({
  numRuns,
  interruptAfterTimeLimit: 60_000 + 100 * numRuns,
  markInterruptAsFailure: true,
});

for (const kind of FED_STREAMS) {
  const { name, prepare, open, reference, wakesAtOnce } = kind;
  const promise = wakesAtOnce ? ', and in no later tick' : '';
  test(`${name} settles every call as an async generator does${promise}`, () =>
    fc.assert(
      fc.asyncProperty(feedingAndConsuming(kind), async (operations) => {
        const expected = await play(reference(), operations);
        await prepare?.();
        const actual = await play(openFor(operations, open), operations);
        expectSameSettlements(actual, expected);
        if (wakesAtOnce) expectNoLaterTick(actual, expected);
      }),
      runs(wakesAtOnce ? RUNS : RUNS_ACROSS_THREADS),
    ));
}

for (const { name, contents } of SOURCES) {
  test(`${name} settles every call as an async generator of the same items does`, async () =>
    fc.assert(
      fc.asyncProperty(
        await contents(),
        sourceOptions,
        consumingOnly,
        async (content, options, operations) => {
          const source = openFor(operations, (controller) =>
            openSource(content, options, controller),
          );
          const actual = await play(source, operations);
          const expected = await play(sourceReference(content, source), operations);
          expectSameSettlements(actual, expected);
        },
      ),
      runs(RUNS_ACROSS_THREADS),
    ));
}
