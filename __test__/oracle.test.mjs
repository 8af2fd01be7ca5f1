// Our iterator against JavaScript's own async generator, call by call, for every kind of stream.

import { test } from 'node:test';
import fc from 'fast-check';
import { FED_STREAMS } from './support/fed-streams.mjs';
import { expectNoHandles } from './support/handles.mjs';
import { consumingOnly, feedingAndConsuming } from './support/operations.mjs';
import { expectNoLaterTick, expectSameSettlements, openFor, play } from './support/oracle.mjs';
import { openSource, SOURCES, sourceOptions, sourceReference } from './support/sources.mjs';

expectNoHandles();

const RUNS = Number(process.env.ORACLE_RUNS ?? 2000);

/** What takes turns of the event loop takes longer. */
const RUNS_ACROSS_THREADS = Math.ceil(RUNS / 5);

for (const kind of FED_STREAMS) {
  const { name, open, reference, wakesAtOnce } = kind;
  const promise = wakesAtOnce ? ', and in no later tick' : '';
  test(`${name} settles every call as an async generator does${promise}`, () =>
    fc.assert(
      fc.asyncProperty(feedingAndConsuming(kind), async (operations) => {
        const expected = await play(reference(), operations);
        const actual = await play(openFor(operations, open), operations);
        expectSameSettlements(actual, expected);
        if (wakesAtOnce) expectNoLaterTick(actual, expected);
      }),
      { numRuns: wakesAtOnce ? RUNS : RUNS_ACROSS_THREADS },
    ));
}

for (const { name, contents } of SOURCES) {
  test(`${name} settles every call as an async generator does that gives the same`, () =>
    fc.assert(
      fc.asyncProperty(contents, sourceOptions, consumingOnly, async (content, options, calls) => {
        const open = (controller) => openSource(content, options, controller);
        const source = openFor(calls, open);
        const actual = await play(source, calls);
        const expected = await play(sourceReference(content, source), calls);
        expectSameSettlements(actual, expected);
      }),
      { numRuns: RUNS_ACROSS_THREADS },
    ));
}
