// Streams of addons that end with an AbortSignal, which Rust has taken from an argument.

import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { openStreams } from '../../index.mjs';
import { addon } from '../support/addon.mjs';
import { collectGarbage } from '../support/garbage.mjs';
import { expectNoHandles } from '../support/handles.mjs';
import { until } from '../support/scripted-streams.mjs';

expectNoHandles();
beforeEach(() => addon.takeLog());

const done = { value: undefined, done: true };
const log = [];
const untilLogged = (line) =>
  until(() => log.push(...addon.takeLog()) && log.includes(line), line).then(() => log.splice(0));

describe('a stream with a signal', () => {
  it('rejects with its reason when it aborts, and cancels the producer', async () => {
    const controller = new AbortController();
    const stream = addon.withSignal({ signal: controller.signal });
    assert.deepEqual(await stream.next(), { value: 0, done: false });
    const reason = new Error('enough');
    controller.abort(reason);
    await assert.rejects(stream.next(), (error) => error === reason);
    assert.deepEqual(await stream.next(), done);
    await untilLogged('it has ended');
  });

  for (const isEager of [false, true]) {
    it(`never starts if the signal is aborted, ${isEager ? 'eager' : 'lazy'}`, async () => {
      const signal = AbortSignal.abort('before');
      const stream = addon.withSignal({ signal }, isEager);
      await assert.rejects(stream.next(), (reason) => reason === 'before');
      assert.deepEqual(await stream.next(), done);
      assert.deepEqual(addon.takeLog(), []);
    });
  }

  it('shares it with other streams', async () => {
    const controller = new AbortController();
    const options = { signal: controller.signal };
    const streams = Array.from({ length: 8 }, () => addon.withSignal(options));
    await Promise.all(streams.map((stream) => stream.next()));
    controller.abort('all');
    for (const stream of streams) {
      await assert.rejects(stream.next(), (reason) => reason === 'all');
    }
  });

  it('goes on without one', async () => {
    for (const options of [{}, { signal: undefined }]) {
      const stream = addon.withSignal(options);
      assert.deepEqual(await stream.next(), { value: 0, done: false });
      await stream.return();
    }
  });
});

describe('a signal that throws when it is listened to', () => {
  it('leaves no stream behind', () => {
    const reason = new Error('no listeners');
    const signal = {
      aborted: false,
      addEventListener() {
        throw reason;
      },
      removeEventListener() {},
    };
    const before = openStreams().length;
    assert.throws(
      () => addon.withSignal({ signal }, true),
      (error) => error === reason,
    );
    assert.ok(openStreams().length <= before);
    const handler = addon.handlerWithSignal(signal);
    assert.throws(
      () => handler.request({ items: 1 }),
      (error) => error === reason,
    );
  });
});

describe('a handler with a signal', () => {
  it('ends all its answers', async () => {
    const controller = new AbortController();
    const handler = addon.handlerWithSignal(controller.signal);
    const answers = Array.from({ length: 3 }, () => handler.request({ items: 1 }));
    for (const answer of answers) assert.deepEqual(await answer.next(), { value: 0, done: false });
    const pending = answers.map((answer) => assert.rejects(answer.next(), { name: 'AbortError' }));
    controller.abort();
    await Promise.all(pending);
    await assert.rejects(handler.request({ items: 1 }).next(), { name: 'AbortError' });
    await until(() => handler.pendingCount === 0, 'all answers have ended');
  });
});

describe('an argument that is to be a signal', () => {
  it('tells whether it is aborted', () => {
    assert.equal(addon.isLate(new AbortController().signal), false);
    assert.equal(addon.isLate(AbortSignal.abort()), true);
  });

  it('may be one of another realm or of a polyfill', () => {
    assert.equal(
      addon.isLate({ aborted: true, addEventListener() {}, removeEventListener() {} }),
      true,
    );
  });

  it('is a TypeError if it is none', () => {
    for (const [value, received] of [
      [{}, 'an object'],
      [[], 'an object'],
      ['abort', 'string'],
      [() => {}, 'function'],
      [undefined, 'undefined'],
      [null, 'null'],
    ]) {
      assert.throws(() => addon.isLate(value), {
        name: 'TypeError',
        code: 'ERR_INVALID_ARG_TYPE',
        message: `The "signal" argument must be an instance of AbortSignal. Received ${received}`,
      });
    }
  });

  it('throws what its getters throw', () => {
    const reason = new Error('from a getter');
    const signal = {
      get aborted() {
        throw reason;
      },
      addEventListener() {},
    };
    assert.throws(
      () => addon.isLate(signal),
      (error) => error === reason,
    );
  });

  it('is collected when no options have it any more', {
    skip: collectGarbage === undefined,
  }, async () => {
    const collected = new Set();
    const registry = new FinalizationRegistry((index) => collected.add(index));
    const COUNT = 50;
    for (let index = 0; index < COUNT; index++) {
      const signal = new AbortController().signal;
      registry.register(signal, index);
      addon.isLate(signal);
    }
    await until(() => {
      collectGarbage();
      // The next signal releases those that were dropped on other threads.
      addon.isLate(AbortSignal.abort());
      return collected.size > COUNT / 2;
    }, 'the signals are collected');
  });
});
