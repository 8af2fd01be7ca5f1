// Requests over the event bus of channels that get no response within their timeout.

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { closeAll, newCaller, newName, serve } from '../support/event-bus.mjs';
import { collectGarbage } from '../support/garbage.mjs';
import { expectNoChannels } from '../support/handles.mjs';
import { until } from '../support/scripted-streams.mjs';

afterEach(closeAll);
expectNoChannels();

const TIMEOUT = 30;

function request(how) {
  const name = newName();
  const { seen } = serve(name);
  const caller = newCaller(name, { timeout: TIMEOUT });
  return { seen, caller, stream: caller.getAsyncIterable({ how })[Symbol.asyncIterator]() };
}

describe('a timeout', () => {
  it('fails a request that nobody handles, whether or not somebody waits', async () => {
    const caller = newCaller(newName(), { timeout: TIMEOUT });
    const [awaited, unread] = [1, 2].map(() => caller.getAsyncIterable()[Symbol.asyncIterator]());
    await assert.rejects(awaited.next(), { code: 'ERR_REQUEST_TIMEOUT' });
    await assert.rejects(unread.next(), { code: 'ERR_REQUEST_TIMEOUT' });
    assert.equal(caller.pendingCount, 0);
  });

  it('fails a response that goes silent, after its items, and tells the handler', async () => {
    const { seen, caller, stream } = request('silence');
    assert.deepEqual(await stream.next(), { value: 'only', done: false });
    await assert.rejects(stream.next(), { code: 'ERR_REQUEST_TIMEOUT' });
    assert.deepEqual(await stream.next(), { value: undefined, done: true });
    await until(() => seen.left === 1);
    assert.equal(caller.pendingCount, 0);
  });

  it('does not fail a response whose consumer is late', async () => {
    const { seen, stream } = request('flood');
    await stream.next();
    await until(() => seen.produced > 1);
    // Longer than the timeout, on purpose.
    await delay(3 * TIMEOUT);
    assert.equal((await stream.next()).done, false);
    await stream.return();
    await until(() => seen.left === 1);
  });

  it('keeps no request whose stream was forgotten', async () => {
    const name = newName();
    const { seen } = serve(name);
    const caller = newCaller(name, { timeout: 2 ** 30 });
    await (() => caller.getAsyncIterable({ how: 'flood' })[Symbol.asyncIterator]().next())();
    await until(() => {
      collectGarbage();
      return seen.left === 1 && caller.pendingCount === 0;
    });
  });
});
