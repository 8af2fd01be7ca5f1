// Terminates workers at random moments while channels between them and this thread are busy, in both
// directions. Every call that waits for the worker must settle, and nothing may stay. The seed among the
// arguments repeats the moments of another run.
import { createRequire } from 'node:module';
import { Channel } from '../../index.mjs';
import { collectGarbage } from '../support/garbage.mjs';
import { randomSeed, seededRandom } from '../support/random.mjs';
import { turn, until } from '../support/scripted-streams.mjs';
import { startWorker } from '../support/workers.mjs';

const { liveHandles } = createRequire(import.meta.url)('../../lib/addon/native.js');

const [rounds, workers, seed = randomSeed()] = process.argv.slice(2).map(Number);
const random = seededRandom(seed);

/** Starts a worker that relays between two channels, and opens this thread's ends of both. */
function open() {
  const to = new Channel({ capacity: 1 + Math.floor(random() * 20) });
  const from = new Channel({ capacity: 1 + Math.floor(random() * 20), senders: 2 });
  const worker = startWorker('relay', { from: to.handle, to: from.handle });
  return { ...worker, to, sender: to.sender(), own: from.sender(), receiver: from.receiver() };
}

async function send(sender) {
  for (let item = 0; await sender.send(item); item++);
  return sender.signal.aborted;
}

async function read(receiver) {
  try {
    for await (const _ of receiver);
    return 'closed';
  } catch ({ code }) {
    return code;
  }
}

async function pass(milliseconds) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end) await turn();
}

async function live() {
  const { worker, message, sender, own, receiver } = open();
  await message();
  const ends = Promise.all([send(sender), send(own), read(receiver)]);
  await pass(random() * 10);
  await worker.terminate();
  return ends;
}

/** Starts a worker and ends it while it starts. This thread cannot know which ends it has opened. */
async function liveShortly() {
  const { worker, to, receiver } = open();
  await pass(random() * 100);
  const next = receiver.next().catch(() => {});
  await worker.terminate();
  await receiver.return();
  await next;
  discard(to);
}

/** Gives up a channel without a receiver. It would stay, because a receiver may still open. */
function discard(channel) {
  try {
    channel.receiver().return();
  } catch ({ code }) {
    if (code !== 'ERR_CHANNEL_IN_USE' && code !== 'ERR_CHANNEL_NOT_FOUND') throw new Error(code);
  }
}

const round = () =>
  Promise.all(Array.from({ length: workers }, () => (random() < 0.8 ? live() : liveShortly())));

console.error('seed', seed);
const seen = new Set();
for (let count = 0; count < rounds; count++) {
  for (const ends of await round()) if (ends !== undefined) seen.add(JSON.stringify(ends));
}
console.log(...seen);
await until(() => {
  collectGarbage();
  const { channels, hubs } = liveHandles();
  return channels === 0 && hubs === 1;
}, 'the end of all channels');
console.log('quiet');
