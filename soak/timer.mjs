/**
 * A producer that never pauses, and a consumer with an empty loop body: a timer of 10 ms stays on
 * time. A busy machine delays timers, too. Two references show by how much: an idle event loop, and
 * one that a generator of plain JavaScript keeps as busy as a stream does.
 */

import { addon } from '../__test__/support/addon.mjs';
import { range } from '../index.mjs';
import { progress, quantile, report, soakArguments } from './harness.mjs';

const { seconds } = soakArguments({ seconds: 30 });

const INTERVAL_MILLISECONDS = 10;
const MOST_DELAY_MILLISECONDS = 10;

/** The time for which the generator holds the event loop: the default `timeSlice` of a stream. */
const TIME_SLICE_MILLISECONDS = 5;

/** The time for which the idle event loop is measured, as a part of the soak. */
const IDLE_PART = 1 / 6;

async function* generate() {
  let turned = performance.now();
  for (let number = 0; ; number++) {
    if (number % 64 === 0 && performance.now() - turned >= TIME_SLICE_MILLISECONDS) {
      await new Promise(setImmediate);
      turned = performance.now();
    }
    yield number;
  }
}

/** Measures the delay of each timer of 10 ms until `duration` is over. */
function measureDelays(duration) {
  const delays = [];
  const end = performance.now() + duration * 1000;
  return new Promise((resolve) => {
    const again = () => {
      const set = performance.now();
      setTimeout(() => {
        const now = performance.now();
        delays.push(now - set - INTERVAL_MILLISECONDS);
        if (now < end) again();
        else resolve(delays);
      }, INTERVAL_MILLISECONDS);
    };
    again();
  });
}

/** Measures the delays while a stream is consumed, and counts the items. */
async function measureStream(stream) {
  let hasEnded = false;
  const delays = measureDelays(seconds).finally(() => {
    hasEnded = true;
  });
  let items = 0;
  for await (const _ of stream) {
    items++;
    if (hasEnded) break;
  }
  return { delays: await delays, items };
}

function summary(delays) {
  const rounded = (part) => Number(quantile(delays, part).toFixed(2));
  return { timers: delays.length, p50: rounded(0.5), p99: rounded(0.99), worst: rounded(1) };
}

const streams = {
  generator: { open: generate, isControl: true },
  'one thread': { open: () => addon.flood(1) },
  'four threads': { open: () => addon.flood(4) },
  'range()': { open: () => range(0, Number.MAX_SAFE_INTEGER) },
};
const figures = { idle: summary(await measureDelays(seconds * IDLE_PART)) };
const failures = [];
for (const [name, { open, isControl }] of Object.entries(streams)) {
  progress(`${name}, ${seconds} s`);
  const { delays, items } = await measureStream(open());
  figures[name] = { ...summary(delays), itemsPerSecond: Math.round(items / seconds) };
  const { p99 } = figures[name];
  if (!isControl && p99 >= MOST_DELAY_MILLISECONDS)
    failures.push(`with ${name} the 99th percentile of the delay is ${p99} ms`);
}
report('timer', { seconds, ...figures }, failures);
