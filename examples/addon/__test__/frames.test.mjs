import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { addon, readUntil, until } from './addon.mjs';

const { listen, logs } = addon;

/** Returns a frame: a length, and the bytes of a text. */
function frame(text) {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Connects a client that ignores how its connection ends. */
async function clientOf(port) {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => {});
  return socket;
}

/** Writes, and waits until the kernel has the bytes. */
function write(socket, bytes) {
  return new Promise((resolve, reject) =>
    socket.write(bytes, (error) => (error ? reject(error) : resolve())),
  );
}

async function isRefused(port) {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return false;
  } catch (error) {
    assert.equal(error.code, 'ECONNREFUSED');
    return true;
  } finally {
    socket.destroy();
  }
}

/** Waits until a connection has ended, whether it is closed or reset. */
async function closed(socket) {
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}

async function take(stream, count) {
  const items = [];
  while (items.length < count) items.push((await stream.next()).value);
  return items;
}

test('a frame arrives as a Buffer, also an empty one', async () => {
  const { port, frames } = listen();
  const client = await clientOf(port);
  client.write(Buffer.concat([frame('one'), frame(''), frame('three')]));
  const buffers = await take(frames, 3);
  assert.ok(buffers.every(Buffer.isBuffer));
  assert.deepEqual(buffers.map(String), ['one', '', 'three']);
  await frames.return();
});

test('frames may be split anywhere', async () => {
  const { port, frames } = listen();
  const client = await clientOf(port);
  client.setNoDelay();
  const sending = async () => {
    for (const byte of Buffer.concat([frame('split'), frame('twice')])) {
      await write(client, Buffer.of(byte));
    }
  };
  const [buffers] = await Promise.all([take(frames, 2), sending()]);
  assert.deepEqual(buffers.map(String), ['split', 'twice']);
  await frames.return();
});

test('frames of several clients make one stream, in order for each of them', async () => {
  const { port, frames } = listen();
  const names = ['a', 'b', 'c', 'd', 'e'];
  const numbers = Array.from({ length: 200 }, (_, number) => number);
  for (const name of names) {
    const client = await clientOf(port);
    for (const number of numbers) client.write(frame(`${name} ${number}`));
    client.end();
  }
  const texts = (await take(frames, names.length * numbers.length)).map(String);
  for (const name of names) {
    assert.deepEqual(
      texts.filter((text) => text.startsWith(name)),
      numbers.map((number) => `${name} ${number}`),
    );
  }
  await frames.return();
});

test('a consumer that does not read makes its clients wait', async () => {
  const { port, frames } = listen();
  const client = await clientOf(port);
  const sent = Array.from({ length: 1000 }, (_, number) => `frame ${number}`);
  client.write(Buffer.concat(sent.map(frame)));
  const [first] = await take(frames, 1);
  await until(() => frames.stats.producerWaits > 0);
  assert.ok(frames.stats.pushed < sent.length);
  const rest = await take(frames, sent.length - 1);
  assert.deepEqual([first, ...rest].map(String), sent);
  await frames.return();
});

test('a frame above the limit fails the stream, after those before it', async () => {
  const { port, frames } = listen(10);
  const client = await clientOf(port);
  client.write(Buffer.concat([frame('0123456789'), frame('0123456789+')]));
  assert.equal(String((await frames.next()).value), '0123456789');
  await assert.rejects(frames.next(), {
    name: 'Error',
    code: 'ERR_FRAME_TOO_LONG',
    message: 'a frame of 11 bytes is longer than the limit of 10',
    length: 11,
    limit: 10,
  });
  await closed(client);
  await until(() => isRefused(port), 'a port that is closed');
});

test('a connection that breaks within a frame is logged, and the others go on', async () => {
  const records = logs();
  const { port, frames } = listen();
  const broken = await clientOf(port);
  broken.end(frame('broken').subarray(0, -1));
  const client = await clientOf(port);
  client.write(frame('whole'));
  assert.deepEqual((await take(frames, 1)).map(String), ['whole']);
  const warning = ({ level }) => level === 'warn';
  const warned = (await readUntil(records, warning)).find(warning);
  assert.match(warned.message, /^the connection of 127\.0\.0\.1:\d+ broke: /);
  assert.equal(warned.target, 'example_addon::frames');
  client.write(frame('more'));
  assert.deepEqual((await take(frames, 1)).map(String), ['more']);
  await frames.return();
});

test('leaving the loop closes the port and all connections', async () => {
  const { port, frames } = listen();
  const clients = [await clientOf(port), await clientOf(port), await clientOf(port)];
  for (const client of clients) client.resume().write(frame('hello'));
  const heard = await readUntil(frames, () => true);
  assert.deepEqual(heard.map(String), ['hello']);
  await Promise.all(clients.map(closed));
  await until(() => isRefused(port), 'a port that is closed');
});

test('leaving while next() is pending closes the port', async () => {
  const { port, frames } = listen();
  const pending = frames.next();
  await frames.return();
  assert.deepEqual(await pending, { value: undefined, done: true });
  await until(() => isRefused(port), 'a port that is closed');
});

test('leaving before the first next() closes the port', async () => {
  const { port, frames } = listen();
  const client = await clientOf(port);
  client.resume();
  await frames.return();
  await closed(client);
  await until(() => isRefused(port), 'a port that is closed');
});
