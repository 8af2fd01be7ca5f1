// Streams of iterators, `Stream`s and generators, and how their producers observe the end.

import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { range } from '../../index.mjs';
import { addon } from '../support/addon.mjs';
import { expectNoHandles } from '../support/handles.mjs';
import { until } from '../support/scripted-streams.mjs';

expectNoHandles();
beforeEach(() => addon.takeLog());

/** Collects the items of a stream; the error with which it ends comes last. */
async function collect(stream) {
  const items = [];
  try {
    for await (const item of stream) items.push(item);
  } catch (error) {
    items.push(error);
  }
  return items;
}

/** Waits until the log has this line. */
async function untilLogged(line) {
  const log = [];
  await until(() => log.push(...addon.takeLog()) && log.includes(line), line);
}

for (const isPulled of [false, true]) {
  const iterated = (items, failsAt) => addon.iterated(items, failsAt, isPulled);
  describe(isPulled ? 'pull_iter' : 'from_iter', () => {
    it('gives what the iterator gives, and drops it at its end', async () => {
      assert.deepEqual(await collect(iterated(5000)), [...Array(5000).keys()]);
      await untilLogged('the iterator is dropped');
    });

    it('fails with the first error, after the items before it', async () => {
      const items = await collect(iterated(10, 3));
      assert.deepEqual(items.slice(0, 3), [0, 1, 2]);
      assert.equal(items[3].code, 'ERR_ASKED');
      assert.equal(items.length, 4);
    });

    it('asks the iterator for nothing before the first next()', async () => {
      const stream = iterated(10);
      assert.equal(stream.stats.state, 'idle');
      await stream.return();
      await untilLogged('the iterator is dropped');
    });

    it('drops an endless iterator when the consumer leaves', async () => {
      for await (const item of iterated(2 ** 32 - 1)) if (item === 10) break;
      await untilLogged('the iterator is dropped');
    });
  });
}

describe('pull_iter', () => {
  it('waits for nobody, and wakes nobody', async () => {
    const stream = addon.iterated(5000, undefined, true);
    await collect(stream);
    const { pushed, delivered, wakes, producerWaits } = stream.stats;
    assert.deepEqual([pushed, delivered, wakes, producerWaits], [5000, 5000, 0, 0]);
  });

  it('leaves time for the event loop', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    for await (const item of addon.iterated(2 ** 32 - 1, undefined, true)) {
      if (item % 1000 === 0 && turns > 5) break;
    }
    clearInterval(timer);
    await untilLogged('the iterator is dropped');
  });
});

describe('from_future', () => {
  it('gives the items of the stream that the future opens', async () => {
    assert.deepEqual(await collect(addon.fromFuture(5000, false)), [...Array(5000).keys()]);
  });

  it('fails with the error of the future', async () => {
    const [error, ...others] = await collect(addon.fromFuture(5, true));
    assert.deepEqual([error.code, others], ['ERR_ASKED', []]);
  });
});

describe('empty', () => {
  it('ends at once', async () => {
    const stream = addon.empty();
    assert.deepEqual(await collect(stream), []);
    assert.equal(stream.stats.state, 'closed');
  });
});

describe('from_async_read', () => {
  it('gives one Buffer for each read, whatever its length', async () => {
    const lengths = [1, 65_536, 40_000, 100, 32_768, 32_769];
    const buffers = await collect(addon.fromAsyncRead(lengths, false));
    assert.deepEqual(
      buffers,
      lengths.map((length, number) => Buffer.alloc(length, number)),
    );
    await untilLogged('the reader is dropped');
  });

  it('fails with the error of the reader, after the bytes before it', async () => {
    const [bytes, error, ...others] = await collect(addon.fromAsyncRead([3], true));
    assert.deepEqual([bytes, error.errno < 0, others], [Buffer.alloc(3), true, []]);
    await untilLogged('the reader is dropped');
  });

  it('reads no further than the bounds, and drops the reader when the consumer leaves', async () => {
    addon.waitingStream(0, 1).return();
    const stream = addon.fromAsyncRead(Array(1000).fill(1000), false, 10_000);
    await stream.next();
    await until(() => stream.stats.bufferedBytes >= 10_000, 'the buffer is full');
    assert.ok(addon.taken() < 40, `${addon.taken()} reads`);
    await stream.return();
    await untilLogged('the reader is dropped');
  });
});

describe('an option of zero', () => {
  for (const [option, name] of [
    ['capacity', 'capacity'],
    ['max_bytes', 'maxBytes'],
  ]) {
    for (const isEager of [false, true]) {
      it(`throws a RangeError that names ${name}, ${isEager ? 'eager' : 'lazy'}`, () => {
        assert.throws(() => addon.outOfRange(option, isEager), {
          name: 'RangeError',
          code: 'ERR_OUT_OF_RANGE',
          message: `The value of "${name}" is out of range. It must be >= 1. Received 0`,
        });
        assert.deepEqual(addon.takeLog(), []);
      });
    }
  }

  it('is refused for handlers, too', () => {
    const code = 'ERR_OUT_OF_RANGE';
    assert.throws(() => addon.handler(0), { name: 'RangeError', code, message: /"limit"/ });
    assert.throws(() => addon.handler(1, 0), { name: 'RangeError', code, message: /"capacity"/ });
    assert.throws(() => addon.blockingHandler(0), { name: 'RangeError', code });
    assert.throws(() => addon.answerWithoutLimit(), { name: 'RangeError', code });
  });

  it('rejects the promise of a stream', async () => {
    const outOfRange = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
    await assert.rejects(addon.outOfRangeLater(), outOfRange);
  });
});

describe('from_stream', () => {
  it('gives what the stream gives', async () => {
    assert.deepEqual(await collect(addon.fromChannel(5000, false)), [...Array(5000).keys()]);
  });

  it('fails with its error, after the items before it', async () => {
    const items = await collect(addon.fromChannel(3, true));
    assert.deepEqual(items.slice(0, 3), [0, 1, 2]);
    assert.equal(items[3].message, 'the channel broke');
  });

  it('reads ahead up to the capacity and no further', async () => {
    for (const capacity of [1, 10]) {
      const stream = addon.waitingStream(1000, capacity);
      assert.equal((await stream.next()).value, 0);
      // The consumer already has the items that crossed with the first one.
      const crossed = () => stream.stats.pushed - stream.stats.buffered;
      await until(() => stream.stats.buffered === capacity, 'the buffer is full');
      assert.equal(addon.taken(), crossed() + capacity);
      await stream.return();
      await untilLogged('the stream is dropped');
    }
  });

  it('delivers what is ready while the rest is long in coming', async () => {
    const stream = addon.waitingStream(3, 1024);
    for (const value of [0, 1, 2]) assert.deepEqual(await stream.next(), { value, done: false });
    await stream.return();
  });

  it('is dropped where it waits when the consumer leaves', async () => {
    const stream = addon.waitingStream(1, 1024);
    await stream.next();
    const pending = stream.next();
    await stream.return();
    assert.deepEqual(await pending, { value: undefined, done: true });
    await untilLogged('the stream is dropped');
  });

  it('is dropped when nobody has read it', async () => {
    await addon.waitingStream(1, 1024).return();
    await untilLogged('the stream is dropped');
  });
});

describe('the first next()', () => {
  it('starts the producer even when it has to wait for the event loop', async () => {
    for (let round = 0; round < 50; round++) {
      // As much as fits into a slice of time without a turn of the loop, and more.
      for await (const _ of range(0, 20_000));
      const stream = addon.waitingStream(1, 1);
      const pending = stream.next();
      assert.equal(stream.stats.state, 'open');
      await stream.return();
      await pending;
    }
  });
});

describe('generator', () => {
  const { log } = addon;

  async function* twin(yields, fails) {
    try {
      log('producer: starts');
      for (let number = 0; number < yields; number++) {
        log(`producer: before ${number}`);
        yield number;
        log(`producer: after ${number}`);
      }
      if (fails) throw new Error('as asked');
      log('producer: ends');
    } finally {
      log('producer: finally');
    }
  }

  const turns = async (count) => {
    for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
  };

  const consumers = {
    async 'for await'(iterator) {
      log('consumer: starts');
      for await (const item of iterator) {
        log(`consumer: got ${item}`);
        await turns(item);
        log(`consumer: asks after ${item}`);
      }
    },
    async 'next() by hand'(iterator) {
      for (;;) {
        log('consumer: next()');
        const { value, done } = await iterator.next();
        log(`consumer: ${value} ${done}`);
        if (done) return;
        await turns(3);
      }
    },
    async 'several next() at once'(iterator) {
      log('consumer: three next()');
      const results = await Promise.all([iterator.next(), iterator.next(), iterator.next()]);
      for (const { value } of results) log(`consumer: ${value}`);
      log('consumer: one more');
      log(`consumer: ${(await iterator.next()).value}`);
      await iterator.return();
      await until(() => logged(iterator).includes('producer: finally'), 'the generator is dropped');
    },
    async 'a break'(iterator) {
      for await (const item of iterator) {
        log(`consumer: got ${item}`);
        if (item === 1) break;
      }
      await until(() => logged(iterator).includes('producer: finally'), 'the generator is dropped');
    },
    async 'a return() before the first next()'(iterator) {
      log('consumer: return()');
      await iterator.return();
      log(`consumer: ${(await iterator.next()).done}`);
    },
  };

  const logs = new WeakMap();
  /** Returns the lines of the log since this iterator was made. */
  function logged(iterator) {
    if (!logs.has(iterator)) logs.set(iterator, []);
    logs.get(iterator).push(...addon.takeLog());
    return logs.get(iterator);
  }

  async function play(iterator, consume) {
    try {
      await consume(iterator);
    } catch (error) {
      log(`consumer: caught ${error.message}`);
    }
    return logged(iterator);
  }

  for (const [name, consume] of Object.entries(consumers)) {
    for (const fails of [false, true]) {
      it(`goes step by step as an async function* does: ${name}${fails ? ', with an error' : ''}`, async () => {
        const expected = await play(twin(4, fails), consume);
        const lines = await play(addon.loggingGenerator(4, fails), consume);
        // A consumer that leaves does not wait until Rust has dropped the contents of the future.
        const leaves = ['several next() at once', 'a break'].includes(name);
        const steps = (log) => log.filter((line) => !leaves || line !== 'producer: finally');
        assert.deepEqual(steps(lines), steps(expected));
      });
    }
  }
});

describe('errors', () => {
  const failure = async (kind) => {
    const [item, error, ...rest] = await collect(addon.failing(kind));
    assert.equal(item, 1);
    assert.deepEqual(rest, []);
    assert.ok(error instanceof Error);
    assert.ok(!Object.keys(error).includes('cause'));
    return error;
  };

  it('of the operating system look like those of Node', async () => {
    const error = await failure('io');
    assert.equal(error.message, 'ENOENT: no such file or directory');
    assert.deepEqual([error.code, error.errno < 0], ['ENOENT', true]);
  });

  it('of the standard library keep their message, and have a code', async () => {
    const error = await failure('std');
    assert.equal(error.message, 'invalid digit found in string');
    assert.equal(error.code, 'ERR_PRODUCER_FAILED');
    assert.ok(!('cause' in error));
  });

  it('of napi-rs have their status as the code', async () => {
    const error = await failure('napi');
    assert.deepEqual([error.message, error.code], ['napi said no', 'QueueFull']);
  });

  it('that are boxed are errors like others', async () => {
    const error = await failure('boxed');
    assert.deepEqual([error.message, error.code], ['boxed', 'ERR_PRODUCER_FAILED']);
  });

  it('of anyhow keep their chain as causes', async () => {
    const error = await failure('anyhow');
    const chain = [error, error.cause, error.cause.cause];
    const messages = chain.map(({ message }) => message);
    assert.deepEqual(messages, [
      'starting',
      'reading the settings',
      'ENOENT: no such file or directory',
    ]);
    assert.equal(chain[2].code, 'ENOENT');
    assert.ok(chain.every((link) => link instanceof Error));
  });

  it('have the code, the cause and the properties that their author gives them', async () => {
    const error = await failure('custom');
    const { message, code, row, table, fatal } = error;
    assert.deepEqual(
      { message, code, row, table, fatal },
      { message: 'custom', code: 'ERR_CUSTOM', row: 12, table: 'users', fatal: true },
    );
    assert.deepEqual([error.cause.message, error.cause.code], ['inner', 'ERR_INNER']);
  });
});

describe('a producer that blocks elsewhere', () => {
  for (const how of ['token', 'callback']) {
    it(`learns by its ${how} that the consumer has left`, async () => {
      for await (const _ of addon.blockedElsewhere(how)) break;
      await untilLogged(`told by ${how}`);
    });
  }
});

describe('a stream in an object', () => {
  it('is a stream', async () => {
    const { name, numbers } = addon.opened('a name');
    assert.equal(name, 'a name');
    assert.deepEqual(await collect(numbers), [0, 1, 2]);
  });
});
