/**
 * The time from just before an item is sent on its thread until JavaScript has it, while nothing else
 * happens. Both sides read the clock of the addon.
 */

import { addon } from './support/addon.mjs';
import { IDLE, openIdleFunctions, openIdleStreams } from './support/idle.mjs';
import { compareLatencies } from './support/latency.mjs';

/** The number of items in one sample, about a millisecond apart. */
const ITEMS = 250;

const FUNCTION = 'a ThreadsafeFunction call';

async function latenciesOfStream() {
  const latencies = [];
  for await (const sent of addon.oursTimes(ITEMS)) latencies.push(addon.clock() - sent);
  return latencies;
}

function latenciesOfFunction() {
  const latencies = [];
  return new Promise((resolve) => {
    addon.threadsafeFunctionTimes(ITEMS, (sent) => {
      if (sent === null) resolve(latencies);
      else latencies.push(addon.clock() - sent);
    });
  });
}

/** Returns the same contender with many idle streams or functions open. */
function crowded(name, contender, openIdle) {
  let idle;
  return {
    ...contender,
    name,
    before() {
      idle = openIdle();
    },
    after: () => idle.end(),
  };
}

const stream = { name: 'ours', ours: true, latencies: latenciesOfStream };
const call = { name: FUNCTION, latencies: latenciesOfFunction };

export default [
  () =>
    compareLatencies({
      title: 'wake latency',
      contenders: [
        call,
        stream,
        crowded(`ours, ${IDLE} idle streams open`, stream, openIdleStreams),
        crowded(`${FUNCTION}, ${IDLE} idle streams open`, call, openIdleStreams),
        crowded(`${FUNCTION}, ${IDLE} idle ones open`, call, openIdleFunctions),
      ],
      references: [FUNCTION, stream.name],
    }),
];
