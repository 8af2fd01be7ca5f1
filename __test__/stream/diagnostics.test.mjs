// The messages that subscribers of the diagnostics channels get about a stream, and the calls that they may make.

import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, describe, it } from 'node:test';
import { createAsyncIterable, range } from '../../index.mjs';
import { addon } from '../support/addon.mjs';
import { expectNoHandles } from '../support/handles.mjs';
import { ENDLESS } from '../support/oracle.mjs';
import { scriptedStream, until } from '../support/scripted-streams.mjs';

const EVENTS = ['start', 'first-item', 'park', 'end'];

const subscriptions = [];

/** Calls `listener` with the messages of an event until the test is over. */
function on(event, listener) {
  const name = `async-iterable-bridge:stream:${event}`;
  subscribe(name, listener);
  subscriptions.push({ name, listener });
}

afterEach(() => {
  for (const { name, listener } of subscriptions.splice(0)) unsubscribe(name, listener);
});

// After the hook above, because the messages keep the streams alive.
expectNoHandles();

/** Records the messages about the streams that `of` gives. */
function record() {
  const told = [];
  for (const event of EVENTS) on(event, (message) => told.push({ event, ...message }));
  return (stream) =>
    told
      .filter((message) => message.stream === stream)
      .map(({ stream: _, event, ...message }) => [event, message]);
}

/** Returns a stream that never hands the event loop back, so it waits exactly when its buffer is empty. */
const pushed = () => createAsyncIterable({ timeSlice: ENDLESS });

const done = { value: undefined, done: true };

describe('the diagnostics channels', () => {
  it('tell of the start, the first item and the end of a stream', async () => {
    const toldOf = record();
    const { iterable, push, done } = pushed();
    push('one');
    push('two');
    done();
    assert.deepEqual(toldOf(iterable), []);
    for await (const _ of iterable);
    const kind = 'createAsyncIterable';
    assert.deepEqual(toldOf(iterable), [
      ['start', { kind }],
      ['first-item', { kind }],
      ['end', { kind, state: 'closed', error: undefined }],
    ]);
  });

  it('tell of each wait of a consumer', async () => {
    const toldOf = record();
    const { iterable, push, done } = pushed();
    for (const item of ['one', 'two']) {
      const next = iterable.next();
      push(item);
      await next;
    }
    const batch = iterable.batches().next();
    done();
    await batch;
    const events = toldOf(iterable).map(([event]) => event);
    assert.deepEqual(events, ['start', 'park', 'first-item', 'park', 'park', 'end']);
  });

  it('tell of a failure with its reason', async () => {
    const toldOf = record();
    const { iterable, fail } = pushed();
    const error = new Error('broken');
    fail(error);
    await assert.rejects(iterable.next());
    const kind = 'createAsyncIterable';
    assert.deepEqual(toldOf(iterable).at(-1), ['end', { kind, state: 'failed', error }]);
  });

  it('tell of a stream that is left, once', async () => {
    const toldOf = record();
    const stream = range(0, 10);
    await stream.return();
    await stream.return();
    await stream.next();
    assert.deepEqual(toldOf(stream), [
      ['end', { kind: 'range', state: 'cancelled', error: undefined }],
    ]);
  });

  it('tell of a stream that is aborted', async () => {
    const toldOf = record();
    const controller = new AbortController();
    const { iterable } = createAsyncIterable({ signal: controller.signal });
    const next = iterable.next();
    controller.abort('enough');
    await assert.rejects(next, (reason) => reason === 'enough');
    const end = { kind: 'createAsyncIterable', state: 'cancelled', error: undefined };
    assert.deepEqual(toldOf(iterable).at(-1), ['end', end]);
  });

  it("tell of other addons' streams, by the type of their items or the name that they were given", async () => {
    const toldOf = record();
    const fed = new addon.Fed();
    const stream = fed.stream();
    const next = stream.next();
    fed.push('item');
    await next;
    const kind = 'alloc::string::String';
    assert.deepEqual(toldOf(stream), [
      ['start', { kind }],
      ['park', { kind }],
      ['first-item', { kind }],
    ]);
    await stream.return();
  });

  it('call a stream of a source without a kind by its class', async () => {
    const toldOf = record();
    const { stream, close } = scriptedStream();
    close();
    await stream.next();
    assert.equal(toldOf(stream)[0][1].kind, 'AsyncIterableBridge');
  });

  it('tell of no wait when a stream only hands the event loop back', async () => {
    const toldOf = record();
    const stream = range(0, 1e5, { timeSlice: 0, capacity: 1e6, start: 'eager' });
    await until(() => stream.stats.state === 'closed', 'all numbers');
    for await (const _ of stream);
    const events = toldOf(stream).map(([event]) => event);
    assert.deepEqual(events, ['start', 'first-item', 'end']);
  });
});

describe('a subscriber of the diagnostics channels', () => {
  for (const event of ['start', 'park']) {
    it(`may leave a stream at its ${event}`, async () => {
      let left;
      on(event, ({ stream }) => {
        left = stream.return('left');
      });
      const { iterable } = pushed();
      assert.deepEqual(await iterable.next(), done);
      assert.deepEqual(await left, { value: 'left', done: true });
    });
  }

  it('may leave a stream at its first item, which is delivered', async () => {
    on('first-item', ({ stream }) => stream.return());
    const { iterable, push } = pushed();
    push('one');
    push('two');
    assert.deepEqual(await iterable.next(), { value: 'one', done: false });
    assert.deepEqual(await iterable.next(), done);
  });

  it('may leave a stream at the first item that somebody has waited for', async () => {
    on('first-item', ({ stream }) => stream.return());
    const { iterable, push } = pushed();
    const calls = [iterable.next(), iterable.next()];
    push('one');
    assert.deepEqual(await Promise.all(calls), [{ value: 'one', done: false }, done]);
  });

  for (const event of EVENTS) {
    it(`may ask a stream for items at the event ${event}`, async () => {
      const calls = [];
      on(event, ({ stream }) => {
        if (calls.length === 0) calls.push(stream.next());
      });
      const { iterable, push, done: finish } = pushed();
      const collected = [];
      const consumed = (async () => {
        for await (const item of iterable) collected.push(item);
      })();
      push('one');
      push('two');
      push('three');
      finish();
      await consumed;
      const taken = await calls[0];
      const items = taken.done ? collected : [...collected, taken.value];
      assert.deepEqual(items.sort(), ['one', 'three', 'two']);
    });
  }
});
