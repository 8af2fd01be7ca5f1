// The metrics that eventBusMetrics() takes of requests over event buses. Prometheus must be able to read them.

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { eventBusMetrics, IteratorEventType } from 'async-iterable-bridge';
import { ask, collect } from '../support/buses.mjs';
import {
  closeAll,
  newBus,
  newCaller,
  newName,
  serve,
  startWorker,
  untilFree,
} from '../support/event-bus.mjs';
import { bucketsOf, parseMetrics, sampleOf } from '../support/prometheus.mjs';
import { turn, until } from '../support/scripted-streams.mjs';

afterEach(closeAll);

const PREFIX = 'async_iterable_bridge_';

const METRICS = {
  requests_pending: 'gauge',
  requests_handling: 'gauge',
  requests_total: 'counter',
  response_items_total: 'counter',
  request_queue_seconds: 'histogram',
  request_first_item_seconds: 'histogram',
  request_duration_seconds: 'histogram',
};

const HISTOGRAMS = Object.keys(METRICS).filter((name) => METRICS[name] === 'histogram');

const OUTCOMES = ['done', 'error', 'cancelled', 'terminated'];

const rejected = (promise) => assert.rejects(promise);

/** Returns the metrics of the requests over a bus. For histograms, it returns the number of observations. */
function measured(bus, text = eventBusMetrics()) {
  const metrics = parseMetrics(text);
  const value = (name, labels = {}) => sampleOf(metrics, PREFIX + name, { bus, ...labels });
  return {
    pending: value('requests_pending'),
    handling: value('requests_handling'),
    ended: OUTCOMES.map((outcome) => value('requests_total', { outcome })),
    items: value('response_items_total'),
    observed: HISTOGRAMS.map((name) => value(`${name}_count`)),
  };
}

/** Sends one request for each outcome and each metric. */
async function useBus(name) {
  serve(name);
  const caller = newCaller(name);
  await collect(caller.getAsyncIterable({ how: 'count', to: 3 }));
  await rejected(collect(caller.getAsyncIterable({ how: 'fail' })));
}

describe('eventBusMetrics', () => {
  it('counts requests by how they end, and their items', async () => {
    const name = newName();
    const { bus } = serve(name);
    const caller = newCaller(name);
    for (let request = 0; request < 4; request++) {
      await collect(caller.getAsyncIterable({ how: 'count', to: request }));
    }
    for (let request = 0; request < 3; request++) {
      await rejected(collect(caller.getAsyncIterable({ how: 'fail' })));
    }
    for (let request = 0; request < 2; request++) {
      for await (const _ of caller.getAsyncIterable({ how: 'silence' })) break;
    }
    const waiting = ask(caller, { how: 'count', to: 1 });
    bus.close();
    await rejected(waiting.next());
    assert.deepEqual(measured(name), {
      pending: 0,
      handling: 0,
      ended: [4, 3, 2, 1],
      // 0 + 1 + 2 + 3 items, one item before each failure, and one that is the only one.
      items: 6 + 3 + 2,
      // The terminated request was never taken. It and the request for no items had no first item.
      observed: [9, 8, 10],
    });
  });

  it('shows requests as pending from the beginning, and as handled once they are taken', async () => {
    const name = newName();
    const caller = newCaller(name);
    const iterators = Array.from({ length: 3 }, () => ask(caller, { how: 'silence' }));
    const { pending, handling } = measured(name);
    assert.deepEqual([pending, handling], [3, 0]);
    await iterators[2].return();
    assert.equal(measured(name).pending, 2);
    serve(name);
    await until(() => measured(name).handling === 2);
    assert.equal(measured(name).pending, 2);
    await Promise.all(iterators.map((iterator) => iterator.return()));
    const { ended, ...gauges } = measured(name);
    assert.deepEqual([gauges.pending, gauges.handling, ended], [0, 0, [0, 0, 3, 0]]);
  });

  it('counts as cancelled what cannot be sent, and not at all what was refused', async () => {
    const bus = newBus(newName());
    bus.emitRequest({ callArgs: undefined, id: 0 });
    assert.throws(() => bus.emitRequest({ callArgs: undefined, id: 0 }), {
      code: 'ERR_REQUEST_PENDING',
    });
    assert.equal(measured(bus.name).pending, 1);
    await bus.emitRequestCancel({ id: 0 });
    assert.throws(() => bus.emitRequest({ callArgs: () => {}, id: 0 }), { name: 'DataCloneError' });
    const { pending, ended } = measured(bus.name);
    assert.deepEqual([pending, ended], [0, [0, 0, 2, 0]]);
  });

  it('measures how long a request has waited, and has taken', async () => {
    const name = newName();
    const bus = newBus(name);
    const start = performance.now();
    const answer = collect(newCaller(name).getAsyncIterable());
    await turn();
    const ids = [];
    const beforeTaken = performance.now();
    bus.onRequest(({ id }) => ids.push(id));
    await until(() => ids.length === 1);
    const [id] = ids;
    bus.emitResponse({ type: IteratorEventType.next, id, item: 'item' });
    await turn();
    bus.emitResponse({ type: IteratorEventType.done, id });
    await answer;
    const most = (performance.now() - start) / 1000;
    const metrics = parseMetrics(eventBusMetrics());
    const [queue, firstItem, duration] = HISTOGRAMS.map((histogram) =>
      sampleOf(metrics, `${PREFIX}${histogram}_sum`, { bus: name }),
    );
    // The two sides use different clocks.
    const least = (beforeTaken - start) / 1000 - 0.001;
    assert.ok(least <= queue && queue <= firstItem && firstItem <= duration);
    assert.ok(duration <= most + 0.001);
  });

  it('keeps buses apart, whatever their names', async () => {
    const names = ['"', '\\', '\n', '\\n"', '{bus="a"}', ' ', '#', 'é', '🙂', '\t\0', ','].map(
      (odd) => `${newName()}${odd}`,
    );
    for (const name of names) await useBus(name);
    for (const name of names) {
      const { ended, items } = measured(name);
      assert.deepEqual({ ended, items }, { ended: [1, 1, 0, 0], items: 4 }, JSON.stringify(name));
    }
  });

  it('is the same in every thread, and counts those of all', async () => {
    const name = newName();
    await startWorker('serve', { name });
    const asking = await startWorker('askForCounts', { name, requests: 10, label: 'there' });
    assert.deepEqual(await asking.message(), { areRight: true, pending: 0 });
    const { message } = await startWorker('measure', {});
    const there = measured(name, await message());
    assert.deepEqual(there.ended, [10, 0, 0, 0]);
    assert.deepEqual(measured(name), there);
  });
});

describe('the gauges return to 0', () => {
  it('when the thread of the handler goes', async () => {
    const name = newName();
    const { worker } = await startWorker('serve', { name });
    const caller = newCaller(name);
    const iterators = Array.from({ length: 10 }, () => ask(caller, { how: 'silence' }));
    await Promise.all(iterators.map((iterator) => iterator.next()));
    const { pending, handling } = measured(name);
    assert.deepEqual([pending, handling], [10, 10]);
    await worker.terminate();
    await Promise.all(iterators.map((iterator) => rejected(iterator.next())));
    const { ended, ...gauges } = measured(name);
    assert.deepEqual([gauges.pending, gauges.handling, ended], [0, 0, [0, 0, 0, 10]]);
    await untilFree(name);
  });

  it('when the thread of a caller goes', async () => {
    const name = newName();
    serve(name);
    const given = { name, requests: 10, how: 'silence' };
    const { worker, message } = await startWorker('readOneOfEach', given);
    await message();
    const { pending, handling } = measured(name);
    assert.deepEqual([pending, handling], [10, 10]);
    await worker.terminate();
    await until(() => measured(name).pending === 0);
    const { ended, ...gauges } = measured(name);
    assert.deepEqual([gauges.handling, ended], [0, [0, 0, 10, 0]]);
  });
});

describe('the text', () => {
  it('has each metric once, with its help and type, and no other', async () => {
    await useBus(newName());
    const metrics = parseMetrics(eventBusMetrics());
    const types = Object.fromEntries([...metrics].map(([name, { type }]) => [name, type]));
    const expected = Object.entries(METRICS).map(([name, type]) => [PREFIX + name, type]);
    assert.deepEqual(types, Object.fromEntries(expected));
    for (const { name, samples } of metrics.values()) {
      for (const { labels } of samples) {
        const names = Object.keys(labels).filter((label) => label !== 'le');
        const hasOutcome = name === `${PREFIX}requests_total`;
        assert.deepEqual(names.sort(), hasOutcome ? ['bus', 'outcome'] : ['bus']);
      }
    }
  });

  it('has buckets from 50 µs to 52 s, each with all that the ones before it have', async () => {
    const name = newName();
    await useBus(name);
    const metrics = parseMetrics(eventBusMetrics());
    for (const histogram of HISTOGRAMS.map((histogram) => PREFIX + histogram)) {
      const buckets = bucketsOf(metrics, histogram, name);
      const bounds = Array.from({ length: 21 }, (_, power) => (50 * 2 ** power) / 1e6);
      assert.equal(buckets.length, bounds.length + 1);
      for (const [index, { le, value }] of buckets.entries()) {
        const bound = bounds[index] ?? Number.POSITIVE_INFINITY;
        assert.ok(le === bound || Math.abs(le / bound - 1) < 1e-9, `${le} instead of ${bound}`);
        assert.ok(value >= (buckets[index - 1]?.value ?? 0));
      }
      const count = sampleOf(metrics, `${histogram}_count`, { bus: name });
      assert.equal(buckets.at(-1).value, count);
      assert.equal(count, 2);
      assert.ok(sampleOf(metrics, `${histogram}_sum`, { bus: name }) > 0);
    }
  });
});
