// A process that uses event buses in the way that its argument names, and then has nothing else to do.
import { Worker } from 'node:worker_threads';
import { AsyncIterableBridgeCaller, createEventBus } from '../../index.mjs';
import { ask, collect } from '../support/buses.mjs';
import { newCaller, serve } from '../support/event-bus.mjs';
import { until } from '../support/scripted-streams.mjs';

const name = 'the only one';

/** The longest timeout, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

const startHandler = () =>
  new Worker(new URL('./event-bus-worker.mjs', import.meta.url), {
    workerData: { role: 'serveUntilTold', name },
  });

const countOf = (caller) => collect(caller.getAsyncIterable({ how: 'count', to: 3 }));

const ways = {
  /** Opens a handler when no other thread could send a request. */
  handlerAlone() {
    serve(name);
  },
  /** Sends a request when no other thread could answer. */
  callerAlone() {
    ask(newCaller(name), {}).next();
  },
  async bothInOneThread() {
    serve(name);
    console.log((await countOf(newCaller(name))).length);
  },
  async answeredByAnother() {
    const worker = startHandler();
    console.log((await countOf(newCaller(name))).length);
    worker.postMessage('close');
  },
  /** Awaits an answer of an unreferenced worker: only the pending next() keeps the process alive. */
  async answeredByAnotherThatIsUnreferenced() {
    const worker = startHandler();
    await new Promise((resolve) => worker.once('message', resolve));
    worker.unref();
    console.log((await countOf(newCaller(name))).length);
  },
  async closedWhilePending() {
    const worker = startHandler();
    const bus = createEventBus(name);
    const answer = countOf(new AsyncIterableBridgeCaller(bus));
    bus.close();
    console.log((await answer).length);
    worker.postMessage('close');
  },
  /** Awaits no answer. A timeout is only for a caller that awaits one. */
  unawaitedWithTimeout() {
    const bus = { emitRequest() {}, onResponse() {} };
    globalThis.streams = [
      ask(newCaller(name, { timeout: LONGEST })),
      ask(new AsyncIterableBridgeCaller(bus, { timeout: LONGEST })),
    ];
  },
  /** Reads no item of an answer. A timeout is for the handler, which has sent its items. */
  async unreadWithTimeout() {
    const { seen } = serve(name);
    const caller = newCaller(name, { timeout: 20 });
    const stream = ask(caller, { how: 'count', to: 3 });
    await until(() => seen.begun === 1);
    console.log(caller.pendingCount, stream.stats.state);
  },
  async exit() {
    startHandler();
    const caller = newCaller(name);
    for (let request = 0; request < 10; request++)
      collect(caller.getAsyncIterable({ how: 'flood' }));
    for await (const number of caller.getAsyncIterable({ how: 'flood' })) {
      if (number > 5000) process.exit(7);
    }
  },
};

ways[process.argv[2]]();
