// The list of open streams: all streams of this thread, and of other threads those that Rust knows.

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { afterEach, describe, it } from 'node:test';
import { threadId } from 'node:worker_threads';
import {
  AsyncIterableBridgeCaller,
  Channel,
  createAsyncIterable,
  openStreams,
  range,
  readLines,
  walk,
} from '../../index.mjs';
import { addon } from '../support/addon.mjs';
import { collectGarbage } from '../support/garbage.mjs';
import { expectNoHandles } from '../support/handles.mjs';
import { turn, until } from '../support/scripted-streams.mjs';
import { startWorker } from '../support/workers.mjs';

expectNoHandles();

const listed = (stream) => openStreams().find((open) => open.stream === stream);

const ofThread = (id) => openStreams().filter((open) => open.threadId === id);

/** Starts a worker, and waits until it has opened its streams, among them a receiver of `channel`. */
async function startWithStreams({ handle }) {
  const started = startWorker(undefined, { handle }, 'open-streams-worker');
  await started.message();
  return started;
}

/** Sends a request over a bus without a handler. */
function requested() {
  const emitter = new EventEmitter();
  const bus = {
    emitRequest: (event) => emitter.emit('request', event),
    onResponse: (listener) => emitter.on('response', listener),
  };
  return new AsyncIterableBridgeCaller(bus).getAsyncIterable()[Symbol.asyncIterator]();
}

const KINDS = [
  { kind: 'range', open: () => range(0, 1) },
  { kind: 'readLines', open: () => readLines('package.json') },
  { kind: 'walk', open: () => walk('docs') },
  { kind: 'createAsyncIterable', open: () => createAsyncIterable().iterable },
  { kind: 'channel', open: () => new Channel().receiver() },
  { kind: 'AsyncIterableBridgeCaller', open: requested },
  { kind: 'alloc::string::String', open: () => new addon.Fed().stream() },
];

describe('openStreams()', () => {
  for (const { kind, open } of KINDS) {
    it(`lists a stream of the kind ${kind} until it is left`, async () => {
      const stream = open();
      const { stats } = stream;
      const { age, ...rest } = listed(stream);
      assert.ok(age >= 0);
      const expected = { kind, threadId, isAwaited: false, stack: undefined, stream, ...stats };
      assert.deepEqual(rest, expected);
      await stream.return();
      assert.equal(listed(stream), undefined);
    });
  }

  it('lists a stream until its consumer comes to the end', async () => {
    const { iterable, push, done } = createAsyncIterable();
    push(1);
    done();
    await iterable.next();
    assert.equal(listed(iterable).state, 'closed');
    await iterable.next();
    assert.equal(listed(iterable), undefined);
  });

  it('lists a stream until it has failed', async () => {
    const { iterable, fail } = createAsyncIterable();
    fail(new Error('broken'));
    assert.equal(listed(iterable).state, 'failed');
    await assert.rejects(iterable.next(), { message: 'broken' });
    assert.equal(listed(iterable), undefined);
  });

  it('lists a stream whose signal has aborted until the reason was told', async () => {
    const stream = range(0, 1, { signal: AbortSignal.abort('enough') });
    assert.equal(listed(stream).state, 'cancelled');
    await assert.rejects(stream.next(), (reason) => reason === 'enough');
    assert.equal(listed(stream), undefined);
  });

  it('says who waits, and for what', async () => {
    const starving = createAsyncIterable();
    const next = starving.iterable.next();
    const blocked = addon.sentByTask(1e9, { capacity: 4 });
    await blocked.next();
    await until(() => blocked.stats.buffered === 4, 'a full queue');
    const { isAwaited, delivered, buffered } = listed(starving.iterable);
    assert.deepEqual(
      { isAwaited, delivered, buffered },
      { isAwaited: true, delivered: 0, buffered: 0 },
    );
    assert.equal(listed(blocked).isAwaited, false);
    assert.equal(listed(blocked).buffered, 4);
    starving.done();
    await next;
    await blocked.return();
  });

  it('gives the stream itself, which can be left', async () => {
    const { iterable, signal } = createAsyncIterable();
    const next = iterable.next();
    await listed(iterable).stream.return();
    assert.deepEqual(await next, { value: undefined, done: true });
    assert.ok(signal.aborted);
  });

  it('grows older with the stream', async () => {
    const stream = range(0, 1);
    const { age } = listed(stream);
    await until(() => listed(stream).age > age);
    await stream.return();
  });

  it('does not keep the streams', async (context) => {
    if (globalThis.Bun !== undefined) return context.skip?.('its collector keeps some');
    const open = () => openStreams().filter(({ capacity }) => capacity === 4321).length;
    (() => {
      for (let count = 0; count < 100; count++) range(0, 1, { capacity: 4321 });
      assert.equal(open(), 100);
    })();
    await turn();
    await until(() => {
      collectGarbage();
      return open() === 0;
    }, 'the end of forgotten streams');
  });

  it('lists the same streams however many have come and gone', async () => {
    const kept = [];
    for (let round = 0; round < 50; round++) {
      kept.push(createAsyncIterable({ capacity: 4322 }).iterable);
      for (let count = 0; count < 20; count++) {
        await createAsyncIterable({ capacity: 4322 }).iterable.return();
      }
    }
    const open = openStreams().filter(({ capacity }) => capacity === 4322);
    assert.deepEqual(
      open.map(({ stream }) => stream),
      kept,
    );
    for (const stream of kept) await stream.return();
  });
});

describe('openStreams.captureStacks', () => {
  afterEach(() => {
    openStreams.captureStacks = false;
  });

  for (const { kind, open } of KINDS) {
    it(`says where a stream of the kind ${kind} was opened`, async () => {
      openStreams.captureStacks = true;
      const openedHere = () => open();
      const stream = openedHere();
      openStreams.captureStacks = false;
      const { stack } = listed(stream);
      assert.match(stack, /open-streams\.test\.mjs/);
      assert.match(stack.split('\n')[0], /^ {4}at /);
      await stream.return();
    });
  }

  it('is for streams that are opened afterwards', async () => {
    const stream = range(0, 1);
    assert.equal(openStreams.captureStacks, false);
    openStreams.captureStacks = true;
    assert.equal(openStreams.captureStacks, true);
    assert.equal(listed(stream).stack, undefined);
    await stream.return();
  });
});

describe('openStreams() of other threads', () => {
  it('lists what Rust feeds there, and the receivers of channels, until they are left', async () => {
    const channel = new Channel({ capacity: 16 });
    const { worker, message, end } = await startWithStreams(channel);
    const { threadId: id } = worker;
    const find = (wanted) => ofThread(id).find(({ kind }) => kind === wanted);
    await until(() => find('f64').producerWaits > 0, 'a producer that waits for room');
    const { age, pushed, dropped, delivered, buffered, ...blocked } = find('f64');
    assert.ok(age >= 0);
    assert.equal(pushed, delivered + buffered);
    assert.equal(dropped, 0);
    assert.deepEqual(
      [blocked.capacity, blocked.state, blocked.isAwaited, blocked.stream],
      [8, 'open', false, undefined],
    );
    await until(() => find('channel').isAwaited, 'a receiver that waits');
    const { capacity, state, stream } = find('channel');
    assert.deepEqual(
      { capacity, state, stream },
      { capacity: 16, state: 'open', stream: undefined },
    );
    worker.postMessage('leave');
    await message();
    assert.deepEqual(ofThread(id), []);
    await worker.terminate();
    await end;
  });

  it('lists nothing of a thread that has gone', async () => {
    const channel = new Channel();
    const { worker, end } = await startWithStreams(channel);
    const { threadId: id } = worker;
    assert.equal(ofThread(id).length, 2);
    await worker.terminate();
    await end;
    await until(() => ofThread(id).length === 0, 'the end of its streams');
  });

  it('lists a channel whose receiver nobody has opened', async () => {
    const channel = new Channel({ capacity: 4323 });
    const sender = channel.sender();
    sender.push('an item');
    await turn();
    const find = () => openStreams().find(({ capacity }) => capacity === 4323);
    const { kind, threadId: id, state, buffered, stream } = find();
    assert.deepEqual(
      { kind, id, state, buffered, stream },
      { kind: 'channel', id: undefined, state: 'idle', buffered: 1, stream: undefined },
    );
    const receiver = channel.receiver();
    assert.equal(find().stream, receiver);
    assert.equal(find().threadId, threadId);
    sender.done();
    await receiver.return();
    assert.equal(find(), undefined);
  });
});
