// Sends to streams that have ended in every way, and has senders that wait for room when the streams end.
import { addon } from '../support/addon.mjs';
import { untilNoHandles } from '../support/handles.mjs';
import { until } from '../support/scripted-streams.mjs';

const ends = {
  close: ({ fed }) => fed.close(),
  fail: ({ fed }) => fed.fail('broken', 'ERR_TEST'),
  return: ({ stream }) => stream.return(),
  throw: ({ stream }) => stream.throw(new Error('left')).catch(() => {}),
};

for (const [name, end] of Object.entries(ends)) {
  const fed = new addon.Fed({ capacity: 1 });
  const stream = fed.stream();
  fed.pushFromThread(['early', 'waiting', 'waiting']);
  await until(() => stream.stats.producerWaits > 0, 'a sender that waits for room');
  await end({ fed, stream });
  console.log(`${name}: ${fed.push('late')}`);
  // The waiting sender has its own share of the producer, which is still to be dropped.
  fed.dropProducer();
  await stream.return();
}
await untilNoHandles();
