// One thread of a test of channels, which does what its role says.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BroadcastChannel, parentPort, workerData } from 'node:worker_threads';
import { Channel } from '../../index.mjs';
import { atEveryDepth } from '../support/depths.mjs';

const tell = (message) => parentPort.postMessage(message);
const heard = () => new Promise((resolve) => parentPort.once('message', resolve));
const receiverOf = (handle) => Channel.from(handle).receiver();
const senderOf = (handle) => Channel.from(handle).sender();

/** The objects that must not be collected before the thread ends. */
const held = [];

/** Keeps a thread alive that has nothing else to do, until the test stops it. */
const stay = () => setInterval(() => {}, 1000);

/** Delays before the use of a permit. */
const delays = {
  nothing: () => undefined,
  async microtasks() {
    for (let count = 0; count < 10; count++) await undefined;
  },
  tick: () => new Promise((resolve) => process.nextTick(() => process.nextTick(resolve))),
  immediate: () => nextTurn(),
  timer: () => new Promise((resolve) => setTimeout(resolve, 2)),
};

async function sendAll(sender, items) {
  for (const item of items) if (!(await sender.send(item))) return;
  sender.done();
}

/** Reports what happens to a sender without a reader. */
function watch(sender) {
  held.push(sender);
  const { signal } = sender;
  if (signal.aborted) tell('aborted');
  else signal.addEventListener('abort', () => tell('aborted'));
}

const roles = {
  async count({ handle, name, count }) {
    const items = Array.from({ length: count }, (_, number) => ({ name, number }));
    await sendAll(senderOf(handle), items);
  },
  async countWhenTold({ name, count }) {
    const { deep } = await heard();
    await roles.count({ handle: deep.handles[0], name, count });
  },
  async countWhenBroadcast({ topic, name, count }) {
    const broadcast = new BroadcastChannel(topic);
    const handle = await new Promise((resolve) => {
      broadcast.onmessage = ({ data }) => resolve(data);
      tell('listening');
    });
    broadcast.close();
    await roles.count({ handle, name, count });
  },
  async countOnOwnChannel({ name, count }) {
    const channel = new Channel({ capacity: 2 });
    tell(channel.handle);
    await roles.count({ handle: channel.handle, name, count });
  },
  async echo({ from, to }) {
    const sender = senderOf(to);
    for await (const item of receiverOf(from)) await sender.send(item);
    sender.done();
  },
  /** Works as an echo, but opens both ends before it reports so, and ends neither. */
  async relay({ from, to }) {
    const [receiver, sender] = [receiverOf(from), senderOf(to)];
    tell('open');
    for await (const item of receiver) await sender.send(item);
  },
  async sum({ handle }) {
    let sum = 0;
    for await (const { number } of receiverOf(handle)) sum += number;
    tell(sum);
  },
  readLater({ handle }) {
    const receiver = receiverOf(handle);
    tell('open');
    setTimeout(async () => {
      for await (const _ of receiver);
    }, 50);
  },
  /** Sends as fast as the channel allows, until the consumer leaves. */
  async flood({ handle }) {
    const sender = senderOf(handle);
    for (let item = 0; await sender.ready(); ) {
      while (sender.push(item++));
    }
    tell({ isAborted: sender.signal.aborted });
  },
  async floodBytes({ handle, length }) {
    const sender = senderOf(handle);
    while (await sender.ready()) while (sender.push(new Uint8Array(length)));
  },
  async floodWithSends({ handle }) {
    const sender = senderOf(handle);
    let hasHeard = false;
    heard().then(() => {
      hasHeard = true;
    });
    tell('running');
    for (let item = 0; !hasHeard; item++) await sender.send(item);
    sender.done();
  },
  /** Sends one item, and awaits it. */
  async sendOnce({ handle, item }) {
    const sender = senderOf(handle);
    const taken = await sender.send(item);
    sender.done();
    tell(taken);
  },
  watch({ handle }) {
    watch(senderOf(handle));
    tell('open');
    stay();
  },
  async waitForRoom({ handle }) {
    const sender = senderOf(handle);
    watch(sender);
    sender.push('item');
    const settled = Promise.all([sender.send('waits'), sender.ready()]);
    tell('waits');
    tell(await settled);
  },
  fail({ handle }) {
    class OddError extends TypeError {}
    const cause = Object.assign(new RangeError('below'), { code: 'ERR_BELOW' });
    const reason = new OddError('above', { cause });
    const sender = senderOf(handle);
    sender.push('item');
    sender.fail(Object.assign(reason, { code: 'ERR_ODD', details: { list: [1, 2n] } }));
    tell(reason.stack);
  },
  pushAndForget({ handle }) {
    const sender = senderOf(handle);
    held.push(sender);
    sender.push('item');
  },
  pushAndThrow({ handle }) {
    const sender = senderOf(handle);
    held.push(sender);
    for (let item = 0; item < 3; item++) sender.push(item);
    throw new Error('uncaught');
  },
  pushAndThrowLater({ handle }) {
    setTimeout(() => roles.pushAndThrow({ handle }), 1);
  },
  pushAndExit({ handle }) {
    const sender = senderOf(handle);
    held.push(sender);
    for (let item = 0; item < 3; item++) sender.push(item);
    process.exit(3);
  },
  async sendAtEveryDepth({ handle }) {
    const sender = senderOf(handle);
    const taken = [];
    let number = 0;
    await atEveryDepth((run) => {
      for (const method of ['push', 'send']) {
        const item = { number: ++number };
        if (run(() => sender[method](item))) taken.push(item.number);
      }
    });
    await atEveryDepth((run) => {
      run(() => sender.done());
    });
    sender.done();
    tell(taken);
  },
  async pushByPermit({ handle, delay, count }) {
    const sender = senderOf(handle);
    for (let item = 0; item < count; item++) {
      await sender.ready();
      await delays[delay]();
      sender.push(item);
    }
    sender.done();
  },
  async flushAndTell({ handle }) {
    const sender = senderOf(handle);
    for (let count = 1; await sender.ready(); count++) {
      for (let item = 0; item < count; item++) sender.push(item);
      const answer = heard();
      await sender.flush();
      tell(count);
      await answer;
    }
  },
  async flushAndBlock({ handle, shared }) {
    const sender = senderOf(handle);
    held.push(sender);
    sender.push('item');
    await sender.flush();
    Atomics.wait(shared, 0, 0);
  },
  /** Reports how many items of a loop of send() were taken. */
  async countSends({ handle }) {
    const sender = senderOf(handle);
    let taken = 0;
    while (await sender.send(taken)) taken++;
    tell(taken);
  },
  async sendAfterLeaving({ handle, shared }) {
    const sender = senderOf(handle);
    await sender.send('item');
    await nextTurn();
    tell('sent');
    Atomics.wait(shared, 0, 0);
    tell(await sender.send('late'));
  },
  async sendWhileFailing({ handle, shared }) {
    const sender = senderOf(handle);
    const sent = sender.send('item');
    tell('sent');
    Atomics.wait(shared, 0, 0);
    tell((await sent) && (await sender.flush()));
  },
  crash() {
    throw new Error('before it opens its end');
  },
  sendLater({ handle, item }) {
    const sender = senderOf(handle);
    tell('open');
    setTimeout(() => sendAll(sender, [item]), 50);
  },
  openLater({ handle, item }) {
    const channel = Channel.from(handle);
    tell('open');
    setTimeout(() => sendAll(channel.sender(), [item]), 50);
  },
  /** Uses channels, but opens none. */
  join() {
    try {
      Channel.from('channel:00000000-0000-0000-0000-000000000000');
    } catch {
      tell('open');
      stay();
    }
  },
  async look({ handle }) {
    held.push(Channel.from(handle));
    tell('open');
    await heard();
  },
  openReceiver({ handle }) {
    held.push(receiverOf(handle));
    tell('open');
    stay();
  },
  openBoth({ sender, receiver }) {
    held.push(senderOf(sender), receiverOf(receiver));
  },
  async readOne({ handle }) {
    const receiver = receiverOf(handle);
    held.push(receiver);
    tell((await receiver.next()).value);
    stay();
  },
  async readUntilEnd({ handle }) {
    try {
      for await (const item of receiverOf(handle)) tell(item);
      tell('done');
    } catch (reason) {
      tell({ reason });
    }
  },
  async readAndBreak({ handle }) {
    for await (const item of receiverOf(handle)) {
      tell(item);
      break;
    }
  },
};

await roles[workerData.role](workerData);
