// Kills workers at random moments while they answer requests, and while they ask. The seed among the arguments
// repeats the moments of another run.
import { createRequire } from 'node:module';
import { eventBusMetrics } from '../../index.mjs';
import { collect } from '../support/buses.mjs';
import {
  closeAll,
  launchWorker,
  newCaller,
  newName,
  serve,
  untilFree,
} from '../support/event-bus.mjs';
import { collectGarbage } from '../support/garbage.mjs';
import { randomSeed, seededRandom } from '../support/random.mjs';
import { turn, until } from '../support/scripted-streams.mjs';

const { liveHandles } = createRequire(import.meta.url)('../../lib/addon/native.js');

const [rounds, workers, seed = randomSeed()] = process.argv.slice(2).map(Number);
const random = seededRandom(seed);

/** The number of requests of each kind in each round. */
const REQUESTS = 5;

/** Waits a random time: some workers end while they start, some in the middle of their work. */
async function liveAWhile({ begun }) {
  const hasToBegin = random() < 0.8;
  if (hasToBegin) await begun;
  else begun.catch(() => {}); // it may go before
  const end = performance.now() + random() * (hasToBegin ? 5 : 100);
  while (performance.now() < end) await turn();
}

/** Resolves when the stream has ended, whether the handler has answered or has gone. */
async function settle(iterable) {
  try {
    await collect(iterable);
  } catch (error) {
    if (error.code !== 'ERR_PRODUCER_TERMINATED') throw error;
  }
}

async function killHandler() {
  const name = newName();
  const handler = launchWorker('serve', { name });
  const caller = newCaller(name);
  const settled = [];
  const send = () => {
    for (let request = 0; request < REQUESTS; request++) {
      for (const how of ['flood', 'silence', 'count']) {
        settled.push(settle(caller.getAsyncIterable({ how, to: 100 })));
      }
    }
  };
  send();
  await liveAWhile(handler);
  send();
  handler.worker.terminate();
  send();
  await handler.end;
  // The next handler gets the requests that this one has not taken.
  await untilFree(name);
  await Promise.all(settled);
}

async function killCaller() {
  const name = newName();
  const { handler } = serve(name);
  const how = random() < 0.5 ? 'flood' : 'silence';
  const caller = launchWorker('readOneOfEach', { name, requests: REQUESTS, how });
  await liveAWhile(caller);
  caller.worker.terminate();
  await caller.end;
  await until(() => handler.iteratingCount === 0, 'the end of the answers');
}

console.error('seed', seed);
for (let round = 0; round < rounds; round++) {
  const kills = Array.from({ length: workers }, () => (random() < 0.6 ? killHandler : killCaller));
  await Promise.all(kills.map((kill) => kill()));
  await closeAll();
}
const gauges = () =>
  eventBusMetrics().match(/^async_iterable_bridge_requests_(pending|handling)\{.* \d+$/gm);
await until(() => gauges().every((line) => line.endsWith(' 0')), 'gauges that show nothing');
console.log('settled');
await until(() => {
  collectGarbage();
  return globalThis.Bun !== undefined || liveHandles().channels === 0;
}, 'the end of all channels');
console.log('quiet');
