// Requests that Rust answers with streams.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addon } from '../support/addon.mjs';
import { expectNoHandles } from '../support/handles.mjs';
import { until } from '../support/scripted-streams.mjs';

expectNoHandles();

async function collect(stream) {
  const items = [];
  for await (const item of stream) items.push(item);
  return items;
}

const numbers = (count) => [...Array(count).keys()];
const closed = { name: 'Error', code: 'ERR_HANDLER_CLOSED' };

describe('a handler', () => {
  it('answers each request with a stream of its own', async () => {
    const handler = addon.handler();
    const answers = [3, 0, 2000].map((items) => handler.request({ items }));
    assert.equal(handler.pendingCount, 3);
    assert.deepEqual(await Promise.all(answers.map(collect)), [3, 0, 2000].map(numbers));
    await until(() => handler.pendingCount === 0, 'all answers have ended');
  });

  it('makes an answer when it is first read', async () => {
    addon.running();
    const handler = addon.handler();
    const answer = handler.request({ items: 3 });
    assert.equal(answer.stats.state, 'idle');
    await answer.return();
    assert.deepEqual(addon.running(), [0, 0]);
    assert.equal(handler.pendingCount, 0);
  });

  it('drops an answer that is left', async () => {
    const handler = addon.handler();
    for await (const _ of handler.request({ items: 1, waits: true })) break;
    await until(() => handler.pendingCount === 0 && addon.running()[0] === 0, 'it is dropped');
  });

  it('bounds each answer by the capacity', async () => {
    const handler = addon.handler(undefined, 4);
    const answer = handler.request({ items: 1000 });
    await answer.next();
    await until(() => answer.stats.buffered === 4, 'the buffer is full');
    assert.ok(answer.stats.pushed <= 9, `${answer.stats.pushed} pushed`);
    await answer.return();
  });

  it('fails the answer whose function panics, and goes on', async () => {
    const handler = addon.handler();
    const error = await collect(handler.request({ items: 1, panics: true })).catch((e) => e);
    assert.equal(error.code, 'ERR_PRODUCER_PANICKED');
    assert.deepEqual(await collect(handler.request({ items: 2 })), [0, 1]);
  });

  it('runs no more answers at once than its limit, and all of them in the end', async () => {
    addon.running();
    const handler = addon.handler(3);
    const answers = numbers(50).map(() => collect(handler.request({ items: 100 })));
    for (const answer of await Promise.all(answers)) assert.deepEqual(answer, numbers(100));
    const [, most] = addon.running();
    assert.ok(most >= 1 && most <= 3, `${most} at once`);
  });

  it('gives the turn of an answer that is left to the next', async () => {
    const handler = addon.handler(1);
    const first = handler.request({ items: 1, waits: true });
    await first.next();
    const second = handler.request({ items: 2 });
    const waiting = second.next();
    await first.return();
    assert.deepEqual(await waiting, { value: 0, done: false });
    await second.return();
  });

  it('that is closed fails its answers after what they have buffered, and refuses others', async () => {
    const handler = addon.handler(1);
    const reading = handler.request({ items: 3, waits: true });
    const waiting = handler.request({ items: 3 });
    const unread = handler.request({ items: 3 });
    assert.deepEqual(await reading.next(), { value: 0, done: false });
    // Its rejection is awaited from the start, since the loop below may let the event loop turn.
    const pending = assert.rejects(waiting.next(), closed);
    assert.equal(handler.close(), true);
    assert.equal(handler.close(), false);
    const items = [];
    await assert.rejects(async () => {
      for await (const item of reading) items.push(item);
    }, closed);
    assert.deepEqual(items, [1, 2]);
    await pending;
    await assert.rejects(unread.next(), closed);
    assert.throws(() => handler.request({ items: 1 }), closed);
    await until(() => handler.pendingCount === 0, 'all answers have ended');
  });

  it('is closed by Symbol.dispose', () => {
    const handler = addon.handler();
    handler[Symbol.dispose]();
    assert.throws(() => handler.request({ items: 1 }), closed);
  });

  it('says what it is, and when its methods are called on something else', () => {
    const handler = addon.handler();
    assert.equal(String(handler), '[object Handler]');
    const { request, close } = handler;
    for (const method of [request, close]) {
      assert.throws(() => method.call({}), { name: 'TypeError', code: 'ERR_INVALID_THIS' });
    }
  });

  it('says what is wrong with the arguments', () => {
    const handler = addon.handler();
    // Deno's Node-API makes a number of any string.
    const text = process.versions.deno === undefined ? [{ items: 'x' }] : [];
    for (const args of [undefined, null, 3, {}, ...text]) {
      assert.throws(() => handler.request(args), {
        name: 'TypeError',
        code: 'ERR_INVALID_ARG_TYPE',
        message: /"args"/,
      });
    }
    const thrown = new Error('from a getter');
    const getter = {
      get items() {
        throw thrown;
      },
    };
    assert.throws(
      () => handler.request(getter),
      (error) => error.code === 'ERR_INVALID_ARG_TYPE' && error.cause === thrown,
    );
  });

  it('answers 10,000 requests at once', async () => {
    const handler = addon.handler();
    const answers = numbers(10_000).map(() => handler.request({ items: 100 }));
    let sum = 0;
    await Promise.all(
      answers.map(async (answer) => {
        for await (const item of answer) sum += item;
      }),
    );
    assert.equal(sum, 10_000 * 4950);
    await until(() => handler.pendingCount === 0, 'all answers have ended');
  });

  it('cancels 10,000 answers when it is closed', async () => {
    const handler = addon.handler(undefined, 8);
    const answers = numbers(10_000).map(() => handler.request({ items: 100 }));
    const firsts = await Promise.all(answers.map((answer) => answer.next()));
    assert.ok(firsts.every(({ value }) => value === 0));
    // The consumer has the items that crossed with the first one, and each answer has its own bound.
    await until(() => answers.every(({ stats }) => stats.buffered === 8), 'all buffers are full');
    assert.ok(answers.every(({ stats }) => stats.pushed <= 2 * 8 + 1));
    handler.close();
    await until(() => handler.pendingCount === 0 && addon.running()[0] === 0, 'all have ended');
    const ends = await Promise.all(answers.map((answer) => collect(answer).catch((e) => e.code)));
    // An answer whose producer had sent everything has ended normally.
    assert.ok(ends.every((end) => end === 'ERR_HANDLER_CLOSED' || end.length === 99));
  });
});

describe('a handler that blocks', () => {
  it('answers each request from a thread of its own, within its limit', async () => {
    addon.running();
    const handler = addon.blockingHandler(3);
    const answers = numbers(50).map(() => collect(handler.request({ items: 2000 })));
    for (const answer of await Promise.all(answers)) assert.deepEqual(answer, numbers(2000));
    const [, most] = addon.running();
    assert.ok(most >= 1 && most <= 3, `${most} at once`);
    await until(() => handler.pendingCount === 0, 'all answers have ended');
  });

  it('fails an answer whose function panics', async () => {
    const handler = addon.blockingHandler();
    await assert.rejects(handler.request({ items: 1, panics: true }).next(), {
      code: 'ERR_PRODUCER_PANICKED',
      message: 'The producer panicked: as asked',
    });
  });

  it('starts the next answer when the thread of one that was left has ended', async () => {
    addon.running();
    const handler = addon.blockingHandler(1);
    for (let round = 0; round < 20; round++) {
      const answer = handler.request({ items: 1, waits: true });
      assert.deepEqual(await answer.next(), { value: 0, done: false });
      await answer.return();
    }
    await until(() => addon.running()[0] === 0, 'all threads have ended');
    assert.ok(addon.running()[1] <= 1);
  });

  it('stops its threads when it is closed', async () => {
    const handler = addon.blockingHandler();
    const answers = numbers(10).map(() => handler.request({ items: 1, waits: true }));
    await Promise.all(answers.map((answer) => answer.next()));
    handler.close();
    await Promise.all(answers.map((answer) => assert.rejects(answer.next(), closed)));
    await until(() => addon.running()[0] === 0, 'all threads have ended');
  });
});
