// Passes streams to node:stream/iter, one case for each run; run with --experimental-stream-iter. Prints the
// observations as JSON.

import { bytes, from, pipeTo, text } from 'node:stream/iter';
import { addon } from '../support/addon.mjs';
import { rustStream, scriptedStream, turn, until } from '../support/scripted-streams.mjs';

const CAPACITY = 16;

/** Opens a stream of strings whose thread sends more of them than the consumer takes. */
function endless() {
  const rust = rustStream({ capacity: CAPACITY });
  rust.fed.pushFromThread(Array(100_000).fill('item'));
  rust.fed.dropProducer();
  return rust.stream;
}

/** Returns the state of a stream once its producers are gone. */
async function stateWhenStopped(stream) {
  await until(() => addon.counters().producers === 0, 'the end of the producers');
  return stream.stats.state;
}

const reasonOf = (promise) =>
  promise.then(
    () => 'none',
    ({ message, code }) => ({ message, code }),
  );

const cases = {
  async everyByte() {
    const lengths = Array.from({ length: 3000 }, (_, index) => index % 50);
    const stream = addon.buffers(lengths);
    const batches = from(stream)[Symbol.asyncIterator]();
    const seen = [...(await batches.next()).value];
    await until(() => stream.stats.buffered > 1);
    const { length } = seen;
    seen.push(...(await batches.next()).value);
    const cameTogether = seen.length - length > 1;
    for await (const batch of batches) seen.push(...batch);
    const isRight = (chunk, index) =>
      chunk.length === lengths[index] && chunk.every((byte) => byte === index % 256);
    return { chunks: seen.length, cameTogether, areRight: seen.every(isRight) };
  },

  async batches() {
    const { stream, push, close } = scriptedStream();
    const sent = ['a', 'b', 'c', 'd'].map((letter) => Buffer.from(letter));
    const batches = from(stream)[Symbol.asyncIterator]();
    push(...sent.slice(0, 3));
    const seen = [(await batches.next()).value];
    push(sent[3]);
    close();
    seen.push((await batches.next()).value);
    const { done } = await batches.next();
    const isUntouched = seen.flat().every((buffer, index) => buffer === sent[index]);
    return { lengths: seen.map(({ length }) => length), isUntouched, done };
  },

  async strings() {
    const { stream, push, close } = rustStream();
    push('grün', '中文', '');
    close();
    return text(stream);
  },

  async neverRead() {
    const stream = addon.buffers([1]);
    from(stream);
    await turn();
    return stream.stats.state;
  },

  async breaks() {
    const stream = endless();
    for await (const _ of from(stream)) break;
    return stateWhenStopped(stream);
  },

  async writerFails() {
    const stream = endless();
    let written = 0;
    const write = async () => {
      if (++written === 3) throw new Error('the writer failed');
    };
    return {
      reason: await reasonOf(pipeTo(stream, { write })),
      state: await stateWhenStopped(stream),
    };
  },

  async fails() {
    const { stream, push, fail } = rustStream();
    push('a', 'b');
    fail('broken');
    const seen = [];
    const reading = async () => {
      for await (const batch of from(stream))
        seen.push(...batch.map((bytes) => Buffer.from(bytes).toString()));
    };
    return { reason: await reasonOf(reading()), seen };
  },

  async writerIsSlow() {
    const stream = endless();
    let written = 0;
    let most = 0;
    const write = async () => {
      written++;
      await turn();
      most = Math.max(most, stream.stats.pushed - written);
      if (written === 300) throw new Error('enough');
    };
    await reasonOf(pipeTo(stream, { write }));
    await stateWhenStopped(stream);
    return { written, isBounded: most <= 3 * CAPACITY };
  },

  async aborted() {
    const stream = endless();
    const controller = new AbortController();
    const write = async () => controller.abort(new Error('enough'));
    const piping = pipeTo(stream, { write }, { signal: controller.signal });
    return { reason: await reasonOf(piping), state: await stateWhenStopped(stream) };
  },

  async abortedWhileItWaits() {
    const scripted = scriptedStream();
    const controller = new AbortController();
    const { signal } = controller;
    scripted.abortOn(scripted.stream, signal);
    const reading = reasonOf(bytes(scripted.stream, { signal }));
    await until(() => scripted.source.drains > 0);
    controller.abort(new Error('enough'));
    return { reason: await reading, wasCancelled: scripted.wasCancelled };
  },

  async neitherBytesNorText() {
    const stream = addon.flood(1, { capacity: CAPACITY });
    return { reason: (await reasonOf(bytes(stream))).code, state: await stateWhenStopped(stream) };
  },
};

console.log(JSON.stringify(await cases[process.argv[2]]()));
