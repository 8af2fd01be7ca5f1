// One thread of a test of event buses, which plays its role. It reports when it has begun.
import { parentPort, workerData } from 'node:worker_threads';
import { eventBusMetrics } from '../../index.mjs';
import { ask, collect } from '../support/buses.mjs';
import { newCaller, serve } from '../support/event-bus.mjs';

const tell = (message) => parentPort.postMessage(message);

/** The objects that must not be collected before the thread ends. */
const held = [];

/** Keeps a thread alive that has nothing else to do, until the test stops it. */
const stay = () => setInterval(() => {}, 1000);

const roles = {
  serve({ name }) {
    held.push(serve(name));
    stay();
  },
  /** Serves, and closes its bus on the next message. */
  serveUntilTold({ name }) {
    const { bus } = serve(name);
    parentPort.once('message', () => bus.close());
  },
  /** Sends `requests` requests at once, and reports how many items with its label have arrived. */
  async askForCounts({ name, requests, label }) {
    const caller = newCaller(name);
    const lengths = Array.from({ length: requests }, (_, index) => index % 5);
    const all = lengths.map((to) => collect(caller.getAsyncIterable({ how: 'count', to, label })));
    const answers = await Promise.all(all);
    const areRight = answers.every(
      (items, index) =>
        items.length === lengths[index] &&
        items.every((item, number) => item.label === label && item.number === number),
    );
    tell({ areRight, pending: caller.pendingCount });
  },
  /** Reads one item of each of `requests` answers, and leaves the answers open. */
  async readOneOfEach({ name, requests, how }) {
    const caller = newCaller(name);
    const iterators = Array.from({ length: requests }, () => ask(caller, { how }));
    held.push(iterators);
    await Promise.all(iterators.map((iterator) => iterator.next()));
    tell('read');
    stay();
  },
  async measure() {
    await undefined; // until it has said that it has begun
    tell(eventBusMetrics());
  },
  /** Serves one name, and sends requests over the other at the same time. */
  async serveAndAsk({ served, asked, requests }) {
    held.push(serve(served));
    await roles.askForCounts({ name: asked, requests, label: asked });
    stay();
  },
};

const role = roles[workerData.role](workerData);
tell('begun');
await role;
