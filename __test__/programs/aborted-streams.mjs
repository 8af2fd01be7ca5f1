// Streams whose signal aborts before they start, while they run, and after their end.
import { range } from '../../index.mjs';
import { untilNoHandles } from '../support/handles.mjs';

/** Returns the outcome of next(): `item`, `done`, or the reason with which it rejects. */
const outcome = (next) => next.then(({ done }) => (done ? 'done' : 'item'), String);

const cases = {
  async before() {
    const stream = range(0, 1e9, { signal: AbortSignal.abort('before') });
    return [await outcome(stream.next()), await outcome(stream.next()), stream.stats.state];
  },

  async 'while next() is pending'() {
    const controller = new AbortController();
    // With a time slice of 0, most of the calls wait for the event loop.
    const stream = range(0, 1e9, { signal: controller.signal, timeSlice: 0 });
    const calls = Array.from({ length: 10 }, () => stream.next());
    controller.abort('during');
    const outcomes = new Set(await Promise.all(calls.map(outcome)));
    outcomes.delete('item'); // the first calls may have found some
    return [...outcomes, stream.stats.state];
  },

  async 'in the loop'() {
    const controller = new AbortController();
    const stream = range(0, 1e9, { signal: controller.signal });
    try {
      for await (const number of stream) if (number === 1000) controller.abort('in the loop');
    } catch (reason) {
      return [reason, await outcome(stream.next()), stream.stats.state];
    }
  },

  async after() {
    const controller = new AbortController();
    const stream = range(0, 1, { signal: controller.signal });
    for await (const _ of stream);
    controller.abort('after');
    return [await outcome(stream.next()), stream.stats.state];
  },
};

for (const [name, play] of Object.entries(cases)) {
  console.log(`${name}: ${(await play()).join(', ')}`);
}
await untilNoHandles();
