// docs/metrics.md: its example runs, and its table has all metrics.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import {
  AsyncIterableBridgeCaller,
  AsyncIterableBridgeHandler,
  createEventBus,
  eventBusMetrics,
} from 'async-iterable-bridge';
import { collect } from '../support/buses.mjs';
import { testExamples } from '../support/examples.mjs';
import { parseMetrics } from '../support/prometheus.mjs';

testExamples('docs/metrics.md');

it('the table of the metrics is complete', async () => {
  const buses = [createEventBus('documented'), createEventBus('documented')];
  new AsyncIterableBridgeHandler(buses[0], () => ['item']);
  await collect(new AsyncIterableBridgeCaller(buses[1]).getAsyncIterable());
  for (const bus of buses) bus.close();

  const text = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
  const rows = text.matchAll(/^\| `(async_\w+)` \| (\w+) \| ([^|]+) \|/gm);
  const documented = Array.from(rows, ([, name, type, labels]) => [
    name,
    { type, labels: labels.replaceAll('`', '').split(', ') },
  ]);
  const there = [...parseMetrics(eventBusMetrics()).values()].map(({ name, type, samples }) => {
    const labels = Object.keys(samples[0].labels).filter((label) => label !== 'le');
    return [name, { type, labels }];
  });
  assert.deepEqual(Object.fromEntries(documented), Object.fromEntries(there));
});
