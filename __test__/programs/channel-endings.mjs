// Ends, or does not end yet, with channels in the state that the argument names.
import { once } from 'node:events';
import { Channel } from '../../index.mjs';
import { turn } from '../support/scripted-streams.mjs';
import { startWorker } from '../support/workers.mjs';

/** The objects that must not be collected before the process ends. */
const held = [];

/** Waits for the first message of a worker. After that only a channel can keep the process alive. */
async function started(role, given) {
  const { worker, message } = startWorker(role, given);
  await message();
  worker.unref();
  return worker;
}

async function printItems(receiver) {
  for await (const item of receiver) console.log(item);
}

/** Awaits a promise that must not keep the process alive. */
function awaitInVain(promise) {
  promise.then(
    () => console.log('settled'),
    (reason) => console.log(reason.code),
  );
  console.log('pending');
}

const states = {
  async 'next() with a sender in a worker'() {
    const channel = new Channel();
    const receiver = channel.receiver();
    await started('sendLater', { handle: channel.handle, item: 'late' });
    await printItems(receiver);
  },
  async 'next() with a sender that is to come from a worker'() {
    const channel = new Channel();
    await started('openLater', { handle: channel.handle, item: 'late' });
    await printItems(channel.receiver());
  },
  'next() with nobody that could send'() {
    const channel = new Channel();
    held.push(channel);
    awaitInVain(channel.receiver().next());
  },
  'next() with a sender in this thread'() {
    const channel = new Channel();
    held.push(channel.sender());
    awaitInVain(channel.receiver().next());
  },
  async 'next() with a sender that is left in this thread'() {
    const channel = new Channel({ senders: 2 });
    held.push(channel.sender());
    const receiver = channel.receiver();
    await started('sendLater', { handle: channel.handle, item: 'late' });
    console.log((await receiver.next()).value);
    awaitInVain(receiver.next());
  },
  async 'next() with a worker that goes without a sender'() {
    const channel = new Channel();
    const receiver = channel.receiver();
    const worker = await started('look', { handle: channel.handle });
    awaitInVain(receiver.next());
    worker.postMessage('go');
  },
  async 'send() in a worker'() {
    const channel = new Channel({ capacity: 1 });
    const { worker, message } = startWorker('waitForRoom', { handle: channel.handle });
    await message();
    const ended = once(worker, 'exit');
    setTimeout(async () => {
      const receiver = channel.receiver();
      console.log((await receiver.next()).value, (await receiver.next()).value);
      console.log(...(await message()), ...(await ended));
    }, 50);
  },
  async 'send() with a receiver in a worker, and done()'() {
    const channel = new Channel({ capacity: 1 });
    const sender = channel.sender();
    await started('readLater', { handle: channel.handle });
    const sent = [1, 2, 3].map((number) => sender.send({ number }));
    sender.done();
    console.log(...(await Promise.all(sent)));
  },
  async 'send() with a receiver in a worker, and fail()'() {
    const channel = new Channel({ capacity: 1 });
    const sender = channel.sender();
    held.push(sender);
    await started('openReceiver', { handle: channel.handle });
    sender.push('item');
    const settled = Promise.all([sender.send('waits'), sender.ready()]);
    await turn();
    sender.fail('failed');
    console.log(...(await settled));
  },
  async 'send() with a receiver in a worker, behind a promise'() {
    const channel = new Channel({ capacity: 1 });
    const sender = channel.sender();
    held.push(sender);
    await started('openReceiver', { handle: channel.handle });
    sender.push(new Promise(() => {}));
    const sent = sender.send('waits');
    await turn();
    sender.fail('failed');
    console.log(await sent);
  },
  'send() with a receiver in this thread'() {
    const channel = new Channel({ capacity: 1 });
    const sender = channel.sender();
    held.push(channel.receiver());
    sender.push('item');
    awaitInVain(sender.send('waits'));
  },
  async 'ends that nobody awaits'() {
    const channels = Array.from({ length: 4 }, () => new Channel());
    const [one, other, here, half] = channels;
    held.push(one.receiver(), other.sender(), here.receiver(), here.sender(), half.sender());
    const handles = { sender: one.handle, receiver: other.handle };
    const { end } = startWorker('openBoth', handles);
    console.log((await end).code);
  },
  async 'ends in workers that wait'() {
    const channel = new Channel({ capacity: 1, senders: 3 });
    held.push(channel.receiver(), channel.sender());
    for (let workers = 0; workers < 2; workers++) {
      await started('waitForRoom', { handle: channel.handle });
    }
  },
  async 'process.exit()'() {
    const workers = 3;
    const [from, to] = [
      new Channel({ senders: workers, capacity: 8 }),
      new Channel({ capacity: 8 }),
    ];
    for (let worker = 0; worker < workers; worker++) startWorker('flood', { handle: from.handle });
    startWorker('sum', { handle: to.handle });
    const sender = to.sender();
    held.push(sender.send('waits'));
    (async () => {
      while (await sender.ready()) sender.push({ number: 1 });
    })();
    const receiver = from.receiver();
    for await (const _ of receiver) if (receiver.stats.delivered > 1000) process.exit(7);
  },
};

await states[process.argv[2]]();
