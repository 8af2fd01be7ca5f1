import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

const RESOLUTION_MILLISECONDS = 1;
const NANOSECONDS_PER_MILLISECOND = 1e6;
const BYTES_PER_KIBIBYTE = 1024;

/**
 * Starts the clock, and returns a function that stops it. That function resolves to the seconds that
 * have passed, the process's peak memory in bytes, and the longest time in milliseconds for which the
 * event loop did not run a timer that was due.
 */
export function startMeasuring() {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MILLISECONDS });
  histogram.enable();
  const started = performance.now();

  return async function finishMeasuring() {
    const seconds = (performance.now() - started) / 1000;
    // The timer that comes after a hold records it.
    await delay(2 * RESOLUTION_MILLISECONDS);
    histogram.disable();
    // The histogram holds the time from one timer to the next, so the interval is part of it.
    const longest = histogram.max / NANOSECONDS_PER_MILLISECOND - RESOLUTION_MILLISECONDS;
    return {
      seconds,
      peakBytes: process.resourceUsage().maxRSS * BYTES_PER_KIBIBYTE,
      longestHoldMilliseconds: Math.max(0, longest),
    };
  };
}
