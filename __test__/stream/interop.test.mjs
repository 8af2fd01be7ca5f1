// Streams with other consumers of async iterables. Each counterpart is the real one: a runtime skips the tests of a
// counterpart that it lacks.

import assert from 'node:assert/strict';
import { on, once } from 'node:events';
import { PassThrough, Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createGunzip, createGzip } from 'node:zlib';
import { AsyncIterableBridge, readLines } from '../../index.mjs';
import { addon } from '../support/addon.mjs';
import { runProgram } from '../support/child.mjs';
import { makeFolder } from '../support/folder.mjs';
import { expectNoHandles } from '../support/handles.mjs';
import { rustStream, scriptedStream, turn, until } from '../support/scripted-streams.mjs';

expectNoHandles();

const CAPACITY = 16;

/**
 * The most items that a producer can be ahead of its consumer: its queue, the batch that has crossed, and three
 * buffers of Node's object streams, which hold 16 each. A Transform has two, the sink after it one.
 */
const FURTHEST_AHEAD = 2 * CAPACITY + 3 * 16;

/** Returns the option `skip` for a test that needs a feature that some runtimes lack. */
const unless = (has, reason) => (has ? false : reason);

const withoutFromAsync = unless(
  typeof Array.fromAsync === 'function',
  'Array.fromAsync came with Node 22',
);
const withoutStreamFrom = unless(
  typeof globalThis.ReadableStream?.from === 'function',
  'this runtime has no ReadableStream.from',
);

const AsyncFunction = (async () => {}).constructor;

/** Compiles a function whose syntax older parsers refuse; returns `undefined` there. */
function compile(...definition) {
  try {
    return new AsyncFunction(...definition);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const isCancelled = (stream) => until(() => stream.stats.state === 'cancelled', 'the cancellation');

/** Opens a stream without an end, whose one producer stops when its consumer leaves. */
function flood() {
  const before = addon.counters().stopped;
  const stream = addon.flood(1, { capacity: CAPACITY });
  const hasStopped = async () => {
    await isCancelled(stream);
    await until(() => addon.counters().stopped > before, 'the end of the producer');
  };
  return { stream, hasStopped };
}

/** Returns a stream without items, once `consume` waits for one. */
async function waiting(consume) {
  const { stream } = rustStream();
  assert.equal(stream.stats.state, 'idle');
  const consumer = consume(stream);
  await until(() => stream.stats.state === 'open', 'the first next()');
  return { stream, consumer };
}

/** Returns a Writable that hands its items to `take`, one after the other. */
function sink(take) {
  return new Writable({
    objectMode: true,
    write(item, _encoding, callback) {
      take(item).then(() => callback(), callback);
    },
  });
}

async function takeEach(iterable, take) {
  for await (const item of iterable) await take(item);
}

/** The counterparts. Each consumes a whole stream, and waits for each `take(item)`. */
const COUNTERPARTS = [
  {
    name: 'Readable.from()',
    consume: (stream, take) => takeEach(Readable.from(stream), take),
  },
  {
    name: 'pipeline() to a Writable',
    consume: (stream, take) => pipeline(stream, sink(take)),
  },
  {
    name: 'pipeline() through a Transform',
    consume: (stream, take) => pipeline(stream, new PassThrough({ objectMode: true }), sink(take)),
  },
  {
    name: 'pipeline() to a function',
    consume: (stream, take) => pipeline(stream, (source) => takeEach(source, take)),
  },
  {
    name: 'pipeline() from Readable.from()',
    consume: (stream, take) => pipeline(Readable.from(stream), sink(take)),
  },
  {
    name: 'ReadableStream.from()',
    skip: withoutStreamFrom,
    consume: (stream, take) => takeEach(ReadableStream.from(stream), take),
  },
  {
    name: 'ReadableStream.from() with pipeTo()',
    skip: withoutStreamFrom,
    consume: (stream, take) =>
      ReadableStream.from(stream).pipeTo(new WritableStream({ write: take })),
  },
  {
    name: 'Array.fromAsync()',
    skip: withoutFromAsync,
    consume: (stream, take) => Array.fromAsync(stream, take),
  },
];

for (const { name, skip = false, consume } of COUNTERPARTS) {
  describe(name, { skip }, () => {
    it('takes every item, in order', async () => {
      const seen = [];
      await consume(addon.spawned(5000), async (item) => seen.push(item));
      assert.deepEqual(seen, [...Array(5000).keys()]);
    });

    it('fails with the very error of the stream', async () => {
      const { stream, push, fail } = scriptedStream();
      const sent = ['a', 'b', 'c'];
      push(...sent);
      const reason = Object.assign(new Error('broken'), { code: 'ERR_TEST' });
      fail(reason);
      const seen = [];
      const consuming = consume(stream, async (item) => seen.push(item));
      await assert.rejects(consuming, (rejected) => rejected === reason);
      // On a failure, some counterparts drop the items that they have buffered.
      assert.deepEqual(seen, sent.slice(0, seen.length));
    });

    it('keeps the code of an error that Rust fails with', async () => {
      const { stream, push, fail } = rustStream();
      const consuming = consume(stream, async () => fail('broken'));
      push('a');
      await assert.rejects(consuming, { message: 'broken', code: 'ERR_TEST' });
      assert.equal(stream.stats.state, 'failed');
    });

    it('stops the producer when it fails itself, with its own error', async () => {
      const { stream, hasStopped } = flood();
      const reason = new Error('no more');
      const consuming = consume(stream, async (item) => {
        if (item === 100) throw reason;
      });
      await assert.rejects(consuming, (rejected) => rejected === reason);
      await hasStopped();
    });

    it('does not let the producer run ahead while it is slow', async () => {
      const { stream, hasStopped } = flood();
      let taken = 0;
      let furthest = 0;
      const consuming = consume(stream, async () => {
        taken++;
        await turn();
        furthest = Math.max(furthest, stream.stats.pushed - taken);
        if (taken === 500) throw new Error('enough');
      });
      await assert.rejects(consuming, { message: 'enough' });
      await hasStopped();
      assert.ok(furthest <= FURTHEST_AHEAD, `the producer was ${furthest} items ahead`);
    });
  });
}

describe('leaving Readable.from()', () => {
  it('by destroy() before anything is read never starts the stream', async () => {
    const before = addon.counters().started;
    const stream = addon.spawned(10);
    const readable = Readable.from(stream).destroy();
    await once(readable, 'close');
    assert.equal(stream.stats.state, 'cancelled');
    assert.equal(addon.counters().started, before);
  });

  it('by destroy() cancels a stream that waits for an item', async () => {
    const { stream, consumer: readable } = await waiting((given) => Readable.from(given).resume());
    readable.destroy();
    await once(readable, 'close');
    assert.equal(stream.stats.state, 'cancelled');
  });

  it('by destroy(error) cancels a stream that waits for an item, and tells the error', async () => {
    const { stream, consumer: readable } = await waiting((given) => Readable.from(given).resume());
    const reason = new Error('no more');
    const failing = once(readable, 'error');
    readable.destroy(reason);
    assert.deepEqual(await failing, [reason]);
    assert.equal(stream.stats.state, 'cancelled');
  });

  it('by a signal cancels a stream that waits for an item', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const { stream, consumer: readable } = await waiting((given) =>
      Readable.from(given, { signal }).resume(),
    );
    const failing = once(readable, 'error');
    controller.abort();
    assert.equal((await failing)[0].name, 'AbortError');
    assert.equal(stream.stats.state, 'cancelled');
  });

  it('by break stops the producer', async () => {
    const { stream, hasStopped } = flood();
    for await (const item of Readable.from(stream)) if (item === 100) break;
    await hasStopped();
  });

  it('by take() stops the producer', async () => {
    const { stream, hasStopped } = flood();
    assert.deepEqual(await Readable.from(stream).take(3).toArray(), [0, 1, 2]);
    await hasStopped();
  });
});

describe('leaving pipeline()', () => {
  it('by its signal stops the producer', async () => {
    const { stream, hasStopped } = flood();
    const controller = new AbortController();
    const { signal } = controller;
    const writable = sink(async (item) => {
      if (item === 100) controller.abort();
    });
    await assert.rejects(pipeline(stream, writable, { signal }), { name: 'AbortError' });
    await hasStopped();
  });

  it('whose sink fails leaves a stream that waits for an item as it was, unless it is in a Readable', async () => {
    for (const isReadable of [false, true]) {
      const failure = new Error('the sink fails');
      const failing = sink(turn);
      const { stream, consumer } = await waiting((given) =>
        assert.rejects(pipeline(isReadable ? Readable.from(given) : given, failing), failure),
      );
      failing.destroy(failure);
      if (isReadable) await consumer;
      assert.equal(stream.stats.state, isReadable ? 'cancelled' : 'open');
      await stream.return();
    }
  });

  it('by its signal cancels a stream that waits for an item, in a Readable', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const { stream, consumer: failing } = await waiting((given) => {
      const running = pipeline(Readable.from(given), sink(turn), { signal });
      return assert.rejects(running, { name: 'AbortError' });
    });
    controller.abort();
    await failing;
    await isCancelled(stream);
  });

  it('by its signal cancels a stream that waits for an item, if that has the signal too', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const { stream, source, abortOn } = scriptedStream();
    abortOn(stream, signal);
    const failing = assert.rejects(pipeline(stream, sink(turn), { signal }), {
      name: 'AbortError',
    });
    await until(() => source.drains > 0);
    controller.abort();
    await failing;
    assert.equal(stream.stats.state, 'cancelled');
  });

  it('by destroying the sink cancels a stream that waits for an item, in a Readable', async () => {
    const reason = new Error('no more');
    const writable = sink(turn);
    const { stream, consumer: failing } = await waiting((given) => {
      const running = pipeline(Readable.from(given), writable);
      return assert.rejects(running, (rejected) => rejected === reason);
    });
    writable.destroy(reason);
    await failing;
    await isCancelled(stream);
  });
});

describe('leaving ReadableStream.from()', { skip: withoutStreamFrom }, () => {
  it('by cancel() before anything is read never starts the stream', async () => {
    const before = addon.counters().started;
    const stream = addon.spawned(10);
    await ReadableStream.from(stream).cancel();
    assert.equal(stream.stats.state, 'cancelled');
    assert.equal(addon.counters().started, before);
  });

  it('by cancel() cancels a stream that waits for an item, and the read is done', async () => {
    const { stream, consumer } = await waiting((given) => {
      const reader = ReadableStream.from(given).getReader();
      return { reader, reading: reader.read() };
    });
    await consumer.reader.cancel('no more');
    assert.deepEqual({ ...(await consumer.reading) }, { value: undefined, done: true });
    assert.equal(stream.stats.state, 'cancelled');
  });

  it('by the signal of pipeTo() cancels a stream that waits for an item', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const reason = new Error('no more');
    const { stream, consumer: failing } = await waiting((given) => {
      const running = ReadableStream.from(given).pipeTo(new WritableStream(), { signal });
      return assert.rejects(running, (rejected) => rejected === reason);
    });
    controller.abort(reason);
    await failing;
    assert.equal(stream.stats.state, 'cancelled');
  });

  it('by an error of the WritableStream cancels a stream that waits for an item', async () => {
    const reason = new Error('no more');
    let fail;
    const { stream, consumer: failing } = await waiting((given) => {
      const writable = new WritableStream({
        start(controller) {
          fail = (error) => controller.error(error);
        },
      });
      const running = ReadableStream.from(given).pipeTo(writable);
      return assert.rejects(running, (rejected) => rejected === reason);
    });
    fail(reason);
    await failing;
    assert.equal(stream.stats.state, 'cancelled');
  });

  it('by break stops the producer', async () => {
    const { stream, hasStopped } = flood();
    for await (const item of ReadableStream.from(stream)) if (item === 100) break;
    await hasStopped();
  });
});

describe('events', () => {
  it('of a Readable tell of each item, in order, then of the end', async () => {
    const seen = [];
    const readable = Readable.from(addon.spawned(2000));
    readable.on('data', (item) => seen.push(item));
    await once(readable, 'end');
    assert.deepEqual(seen, [...Array(2000).keys()]);
  });

  it('of a Readable tell of the very error of the stream', async () => {
    const { stream, push, fail } = scriptedStream();
    const reason = new Error('broken');
    push('a');
    fail(reason);
    const readable = Readable.from(stream).resume();
    assert.deepEqual(await once(readable, 'error'), [reason]);
  });

  it('of a Readable pause with it, and hold the producer', async () => {
    const { stream, hasStopped } = flood();
    const readable = Readable.from(stream);
    let taken = 0;
    let furthest = 0;
    readable.on('data', async () => {
      taken++;
      readable.pause();
      await turn();
      furthest = Math.max(furthest, stream.stats.pushed - taken);
      if (taken === 500) readable.destroy();
      else readable.resume();
    });
    await once(readable, 'close');
    await hasStopped();
    assert.ok(furthest <= FURTHEST_AHEAD, `the producer was ${furthest} items ahead`);
  });

  it('iterated by on() give every item, and the end', async () => {
    const readable = Readable.from(addon.spawned(2000));
    const seen = [];
    for await (const [item] of on(readable, 'data', { close: ['end'] })) seen.push(item);
    assert.deepEqual(seen, [...Array(2000).keys()]);
  });

  it('iterated by on() fail with the very error of the stream', async () => {
    const { stream, push, fail } = scriptedStream();
    const reason = new Error('broken');
    push('a');
    fail(reason);
    const events = on(Readable.from(stream), 'data', { close: ['end'] });
    await assert.rejects(takeEach(events, turn), (rejected) => rejected === reason);
  });
});

const firstOf = compile(
  'open',
  `await using stream = open();
   return (await stream.next()).value;`,
);
const throwFrom = compile(
  'open',
  'reason',
  `await using stream = open();
   await stream.next();
   throw reason;`,
);
describe('await using', {
  skip: unless(firstOf, 'this parser does not know `await using`'),
}, () => {
  it('stops the producer at the end of the block', async () => {
    const { stream, hasStopped } = flood();
    assert.equal(await firstOf(() => stream), 0);
    assert.equal(stream.stats.state, 'cancelled');
    await hasStopped();
  });

  it('stops the producer when the block throws, with its error', async () => {
    const { stream, hasStopped } = flood();
    const reason = new Error('no more');
    await assert.rejects(
      throwFrom(() => stream, reason),
      (rejected) => rejected === reason,
    );
    await hasStopped();
  });

  it('waits for the cleanup of the producer', async () => {
    let finish;
    const cleanup = new Promise((resolve) => {
      finish = resolve;
    });
    const { stream, push } = scriptedStream({ cleanup: () => cleanup });
    push('a');
    let hasLeft = false;
    const using = firstOf(() => stream).then(() => {
      hasLeft = true;
    });
    await turn();
    assert.equal(hasLeft, false);
    finish();
    await using;
  });
});

describe('a stream of Buffers', () => {
  const lengths = Array.from({ length: 500 }, (_, index) => (index * 7) % 300);
  const expected = Buffer.concat(lengths.map((length, index) => Buffer.alloc(length, index)));

  it('feeds the byte streams of a pipeline()', async () => {
    const chunks = [];
    await pipeline(addon.buffers(lengths), createGzip(), createGunzip(), async (source) => {
      for await (const chunk of source) chunks.push(chunk);
    });
    assert.ok(Buffer.concat(chunks).equals(expected));
  });

  it('is the body of a Response', { skip: withoutStreamFrom }, async () => {
    const body = ReadableStream.from(addon.buffers(lengths));
    assert.ok(Buffer.from(await new Response(body).arrayBuffer()).equals(expected));
  });

  it('comes from readLines() as well', async () => {
    const lines = Array.from({ length: 2000 }, (_, index) => `line ${index}`);
    const folder = makeFolder({ 'lines.txt': lines.join('\n') });
    const chunks = await Readable.from(
      readLines(`${folder}/lines.txt`, { encoding: 'buffer' }),
    ).toArray();
    assert.deepEqual(chunks.map(String), lines);
  });
});

it('batches() is the method that node:stream/iter looks for', () => {
  const { prototype } = AsyncIterableBridge;
  assert.equal(prototype[Symbol.for('Stream.toAsyncStreamable')], prototype.batches);
});

const withoutStreamIter = unless(
  process.allowedNodeEnvironmentFlags?.has('--experimental-stream-iter'),
  'this runtime has no node:stream/iter',
);
const program = fileURLToPath(new URL('../programs/stream-iter.mjs', import.meta.url));

/** Returns the observations of a case of the program. */
async function seenBy(name) {
  const args = ['--no-warnings', '--experimental-stream-iter', program, name];
  const { code, signal, stdout, stderr } = await runProgram(args);
  assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' });
  return JSON.parse(stdout);
}

describe('node:stream/iter', { skip: withoutStreamIter }, () => {
  it('takes every Buffer, in order, several at a time', async () => {
    const seen = await seenBy('everyByte');
    assert.deepEqual(seen, { chunks: 3000, cameTogether: true, areRight: true });
  });

  it('takes the batches of a byte stream as they are', async () => {
    const seen = await seenBy('batches');
    assert.deepEqual(seen, { lengths: [3, 1], isUntouched: true, done: true });
  });

  it('takes a stream of strings as text', async () => {
    assert.equal(await seenBy('strings'), 'grün中文');
  });

  it('does not start a stream before something is read', async () => {
    assert.equal(await seenBy('neverRead'), 'idle');
  });

  it('stops the producer by break', async () => {
    assert.equal(await seenBy('breaks'), 'cancelled');
  });

  it('stops the producer when a writer fails, with the error of the writer', async () => {
    const seen = await seenBy('writerFails');
    assert.deepEqual(seen, { reason: { message: 'the writer failed' }, state: 'cancelled' });
  });

  it('fails with the error of the stream, after the items before it', async () => {
    const seen = await seenBy('fails');
    const reason = { message: 'broken', code: 'ERR_TEST' };
    assert.deepEqual(seen, { reason, seen: ['a', 'b'] });
  });

  it('does not let the producer run ahead of a slow writer', async () => {
    assert.deepEqual(await seenBy('writerIsSlow'), { written: 300, isBounded: true });
  });

  it('stops the producer by a signal', async () => {
    const seen = await seenBy('aborted');
    assert.deepEqual(seen, { reason: { message: 'enough' }, state: 'cancelled' });
  });

  it('cancels a stream that waits for an item by a signal, if the stream has it too', async () => {
    const seen = await seenBy('abortedWhileItWaits');
    assert.deepEqual(seen, { reason: { message: 'enough' }, wasCancelled: true });
  });

  it('refuses what is neither bytes nor text, and stops the producer', async () => {
    const seen = await seenBy('neitherBytesNorText');
    assert.deepEqual(seen, { reason: 'ERR_INVALID_ARG_TYPE', state: 'cancelled' });
  });
});
