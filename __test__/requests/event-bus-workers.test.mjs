// The event bus of channels between threads, and its requests when a thread ends.

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { ask, collect } from '../support/buses.mjs';
import { expectExit } from '../support/ending.mjs';
import {
  closeAll,
  newCaller,
  newName,
  serve,
  startWorker,
  untilFree,
  untilSeen,
} from '../support/event-bus.mjs';
import { expectNoChannels } from '../support/handles.mjs';
import { turn, until } from '../support/scripted-streams.mjs';

afterEach(closeAll);
expectNoChannels();

const DONE = { value: undefined, done: true };

const terminated = { code: 'ERR_PRODUCER_TERMINATED' };

// A worker of Deno takes a second of processor time to start.
const [CALLERS, ROUNDS] = process.versions.deno ? [3, '8'] : [5, '40'];
const WORKERS = '5';

const labelled = (label, to) => Array.from({ length: to }, (_, number) => ({ label, number }));

const countOf = (caller, to, label) =>
  collect(caller.getAsyncIterable({ how: 'count', to, label }));

/** Returns all items, and the reason with which the stream fails. */
async function outcomeOf(iterable) {
  const items = [];
  try {
    for await (const item of iterable) items.push(item);
    return { items };
  } catch (reason) {
    return { items, reason };
  }
}

describe('between two threads', () => {
  it('a worker answers', async () => {
    const name = newName();
    await startWorker('serve', { name });
    const caller = newCaller(name);
    const lengths = [0, 1, 10, 5000];
    const answers = lengths.map((to) => countOf(caller, to, 'here'));
    assert.deepEqual(
      await Promise.all(answers),
      lengths.map((to) => labelled('here', to)),
    );
    assert.equal(caller.pendingCount, 0);
  });

  it('a worker asks', async () => {
    const name = newName();
    const { handler } = serve(name);
    const { message } = await startWorker('askForCounts', { name, requests: 100, label: 'there' });
    assert.deepEqual(await message(), { areRight: true, pending: 0 });
    await until(() => handler.iteratingCount === 0);
  });

  it('both ask and answer at once, over two names', async () => {
    const [here, there] = [newName(), newName()];
    serve(here);
    const given = { served: there, asked: here, requests: 200 };
    const { message } = await startWorker('serveAndAsk', given);
    const caller = newCaller(there);
    const answers = Array.from({ length: 200 }, (_, index) => countOf(caller, index % 5, 'here'));
    const lengths = (await Promise.all(answers)).map(({ length }) => length);
    assert.ok(lengths.every((length, index) => length === index % 5));
    assert.deepEqual(await message(), { areRight: true, pending: 0 });
  });

  it('several workers share one handler, and get only their own answers', async () => {
    const name = newName();
    // Before there is a handler.
    const callers = await Promise.all(
      Array.from({ length: CALLERS }, (_, label) =>
        startWorker('askForCounts', { name, requests: 200, label }),
      ),
    );
    await startWorker('serve', { name });
    const own = countOf(newCaller(name), 10, 'here');
    const results = await Promise.all(callers.map(({ message }) => message()));
    assert.deepEqual(results, Array(CALLERS).fill({ areRight: true, pending: 0 }));
    assert.deepEqual(await own, labelled('here', 10));
  });

  it('10,000 requests are answered at once', async () => {
    const name = newName();
    await startWorker('serve', { name });
    const caller = newCaller(name);
    const answers = Array.from({ length: 10_000 }, (_, index) => countOf(caller, index % 4, index));
    assert.equal(caller.pendingCount, 10_000);
    for (const [index, items] of (await Promise.all(answers)).entries()) {
      assert.deepEqual(items, labelled(index, index % 4));
    }
    assert.equal(caller.pendingCount, 0);
    await untilSeen(caller, ({ begun, iterating }) => begun === 10_000 && iterating === 0);
  });

  it('a consumer that stops holds up its own answer, and no other', async () => {
    const name = newName();
    await startWorker('serve', { name });
    const caller = newCaller(name);
    const stopped = ask(caller, { how: 'flood' });
    await stopped.next();
    let last = -1;
    const { produced } = await untilSeen(caller, ({ produced }) => {
      const hasStopped = produced === last;
      last = produced;
      return hasStopped;
    });
    // The buffer of the Caller, a batch, and the channel.
    assert.ok(produced <= 3 * 1024, `${produced} produced`);
    assert.deepEqual(await countOf(caller, 5000, 'b'), labelled('b', 5000));
    for (let number = 1; number < 10_000; number++) {
      assert.equal((await stopped.next()).value, number);
    }
    await stopped.return();
    await untilSeen(caller, ({ left, iterating }) => left === 1 && iterating === 0);
  });

  it('an answer that its consumer leaves ends, also while it has nothing to say', async () => {
    const name = newName();
    await startWorker('serve', { name });
    const caller = newCaller(name);
    for await (const number of caller.getAsyncIterable({ how: 'flood' })) if (number > 9) break;
    const silent = ask(caller, { how: 'silence' });
    await silent.next();
    const pending = silent.next();
    await silent.return();
    assert.deepEqual(await pending, DONE);
    await untilSeen(caller, ({ left, iterating }) => left === 2 && iterating === 0);
  });

  it('errors arrive with their class, code, cause and properties', async () => {
    const name = newName();
    await startWorker('serve', { name });
    const { items, reason } = await outcomeOf(newCaller(name).getAsyncIterable({ how: 'fail' }));
    assert.deepEqual(items, ['before']);
    assert.ok(reason instanceof TypeError);
    const { name: className, message, code, details, cause } = reason;
    assert.deepEqual([className, message, code], ['OddError', 'above', 'ERR_ODD']);
    assert.deepEqual(details, { list: [1, 2n] });
    assert.ok(cause instanceof RangeError);
    assert.equal(cause.code, 'ERR_BELOW');
  });

  it('one handler is refused the name of the other', async () => {
    const name = newName();
    await startWorker('serve', { name });
    assert.throws(() => serve(name), { code: 'ERR_EVENT_BUS_IN_USE' });
  });
});

describe('when the thread of the handler', () => {
  /** Sends requests, some that the handler has begun and some that it has not, and expects all to be terminated. */
  async function expectAllTerminated(kill) {
    const name = newName();
    const { worker, end } = await startWorker('serve', { name });
    const caller = newCaller(name);
    const begun = Array.from({ length: 20 }, () => ask(caller, { how: 'silence' }));
    for (const iterator of begun) {
      assert.deepEqual(await iterator.next(), { value: 'only', done: false });
    }
    const outcomes = begun.map(outcomeOf);
    const send = (requests, args) => {
      for (let request = 0; request < requests; request++) {
        outcomes.push(outcomeOf(caller.getAsyncIterable(args)));
      }
    };
    kill(send, worker);
    for (const { reason } of await Promise.all(outcomes)) {
      assert.equal(reason?.code, 'ERR_PRODUCER_TERMINATED');
    }
    assert.equal(caller.pendingCount, 0);
    await startWorker('serve', { name });
    assert.deepEqual(await countOf(caller, 10, 'next'), labelled('next', 10));
    return end;
  }

  it('is terminated, all requests fail, and the next handler serves new ones', () =>
    expectAllTerminated((send, worker) => {
      send(20, { how: 'silence' });
      worker.terminate();
    }));

  it('exits, all requests fail, and the next handler serves new ones', async () => {
    const { code } = await expectAllTerminated((send) => {
      send(1, { how: 'exitAtOnce', code: 3 });
      send(20, { how: 'silence' });
    });
    assert.equal(code, 3);
  });

  it('crashes, all requests fail, and the next handler serves new ones', async () => {
    const { error } = await expectAllTerminated((send) => {
      send(1, { how: 'crash' });
      send(20, { how: 'silence' });
    });
    assert.match(error.message, /the handler crashes/);
  });

  it('goes, the items that it has sent come first', async () => {
    const name = newName();
    const { end } = await startWorker('serve', { name });
    const iterator = ask(newCaller(name), { how: 'exit', code: 0 });
    await end;
    assert.deepEqual(await iterator.next(), { value: 'before', done: false });
    await assert.rejects(iterator.next(), terminated);
    assert.deepEqual(await iterator.next(), DONE);
  });

  it('goes, requests that were sent afterwards wait for the next handler', async () => {
    const name = newName();
    const { worker } = await startWorker('serve', { name });
    const caller = newCaller(name);
    assert.deepEqual(await countOf(caller, 1, 'first'), labelled('first', 1));
    await worker.terminate();
    await untilFree(name);
    const waiting = countOf(caller, 10, 'second');
    await turn();
    await startWorker('serve', { name });
    assert.deepEqual(await waiting, labelled('second', 10));
  });

  it('has closed its bus, it ends by itself', async () => {
    const name = newName();
    const { worker, end } = await startWorker('serveUntilTold', { name });
    const caller = newCaller(name);
    assert.deepEqual(await countOf(caller, 3, 'a'), labelled('a', 3));
    worker.postMessage('close');
    assert.deepEqual(await end, { code: 0, error: undefined });
  });
});

describe('when the thread of a caller', () => {
  it('is terminated, the iterators of the handler are returned', async () => {
    for (const how of ['flood', 'silence']) {
      const name = newName();
      const { handler, seen } = serve(name);
      const { worker, message } = await startWorker('readOneOfEach', { name, requests: 50, how });
      assert.equal(await message(), 'read');
      assert.equal(handler.iteratingCount, 50);
      await worker.terminate();
      await until(() => handler.iteratingCount === 0 && seen.left === 50);
      assert.deepEqual(await countOf(newCaller(name), 10, 'other'), labelled('other', 10));
    }
  });
});

describe('a process', () => {
  for (const [description, way, lines] of [
    ['whose handler nobody asks', 'handlerAlone', []],
    ['whose request nobody can answer', 'callerAlone', []],
    ['that answers itself', 'bothInOneThread', ['3']],
    ['whose handler is in a worker, and closes its bus', 'answeredByAnother', ['3']],
    [
      'whose handler is in a worker without a reference',
      'answeredByAnotherThatIsUnreferenced',
      ['3'],
    ],
    ['that closes its bus while a request is pending', 'closedWhilePending', ['3']],
    ['whose requests with a timeout nobody awaits', 'unawaitedWithTimeout', []],
    ['that does not read a response, whose timeout has passed', 'unreadWithTimeout', ['1 idle']],
  ]) {
    it(`${description} ends by itself`, async () => {
      await expectExit(['event-bus-process', way], { lines });
    });
  }

  it('that exits in the middle of answers exits with its code', async () => {
    for (let round = 0; round < 5; round++) {
      await expectExit(['event-bus-process', 'exit'], { code: 7 });
    }
  });

  it('in which workers are killed in the middle of answers settles every iterator', async () => {
    await expectExit(['killed-event-buses', ROUNDS, WORKERS], { lines: ['settled', 'quiet'] });
  });
});
