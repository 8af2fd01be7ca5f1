// Consumers that throw in the body of their loop, which is caught outside of it.
import { range } from '../../index.mjs';
import { addon } from '../support/addon.mjs';
import { untilNoHandles } from '../support/handles.mjs';
import { until } from '../support/scripted-streams.mjs';

const itself = (stream) => stream;
const batchesOf = (stream) => stream.batches();

async function consume(stream, consumed) {
  try {
    for await (const _ of consumed(stream)) throw new Error('thrown');
  } catch ({ message }) {
    console.log(message, stream.stats.state);
  }
}

await consume(addon.flood(2, { capacity: 4 }), itself);
await consume(addon.flood(2, { capacity: 4 }), batchesOf);
await consume(range(0, 1e9), itself);
await until(() => addon.counters().stopped === 4, 'the end of the threads');
await untilNoHandles();
