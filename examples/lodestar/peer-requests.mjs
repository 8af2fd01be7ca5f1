// Requests for blocks between nodes. Each has a connection of its own. It is closed when all blocks have
// arrived, or by the side that wants no more of them.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { createAsyncIterable } from 'async-iterable-bridge';
import {
  blockMessage,
  blockOf,
  endMessage,
  Kind,
  MessageDecoder,
  objectMessage,
  objectOf,
} from './wire.mjs';

const HOST = '127.0.0.1';
const BLOCKS_AHEAD = 4;

/** Answers peers with the blocks of `blocksByRange`. Resolves to the port. */
export async function listen(blocksByRange) {
  const server = createServer((socket) => serve(socket, blocksByRange));
  server.listen(0, HOST);
  await once(server, 'listening');
  return server.address().port;
}

function serve(socket, blocksByRange) {
  const decoder = new MessageDecoder();
  const read = (chunk) => {
    try {
      const [request] = decoder.decode(chunk);
      if (request === undefined) return;
      // Reading continues; otherwise the end of the connection would not be noticed.
      socket.off('data', read).resume();
      respond(socket, blocksByRange(objectOf(request)));
    } catch (error) {
      socket.destroy(error);
    }
  };
  socket.on('data', read);
  // A peer whose connection fails has left. The 'close' event that follows reports it.
  socket.on('error', () => {});
}

async function respond(socket, blocks) {
  const iterator = blocks[Symbol.asyncIterator]();
  const left = new AbortController();
  socket.once('close', () => {
    left.abort();
    // A read of the next block may still be pending.
    iterator.return();
  });
  let end = endMessage();
  try {
    for await (const block of iterator) await send(socket, blockMessage(block), left.signal);
  } catch ({ code, message }) {
    if (socket.destroyed) return;
    end = objectMessage(Kind.ERROR, { code, message });
  }
  socket.end(Buffer.concat(end));
}

/** Writes to the socket. Resolves when it accepts more, and rejects when `signal` reports that it has closed. */
async function send(socket, parts, signal) {
  let takesMore = true;
  for (const part of parts) takesMore = socket.write(part);
  if (!takesMore) await once(socket, 'drain', { signal });
}

/** Requests the blocks of the peer at a port. Leaving them closes the connection. */
export function requestBlocks({ port, startSlot, count }) {
  const blocks = createAsyncIterable({ capacity: BLOCKS_AHEAD });
  const socket = connect(port, HOST);
  blocks.signal.addEventListener('abort', () => socket.destroy());
  socket.write(Buffer.concat(objectMessage(Kind.REQUEST, { startSlot, count })));
  receive(socket, blocks).then(blocks.done, blocks.fail);
  return blocks.iterable;
}

/** Receives blocks. While the queue of blocks is full, it does not read the socket. Leaving the loop closes it. */
async function receive(socket, { push, ready }) {
  const decoder = new MessageDecoder();
  for await (const chunk of socket) {
    for (const message of decoder.decode(chunk)) {
      switch (message.kind) {
        case Kind.BLOCK:
          if (!push(blockOf(message)) && !(await ready())) return;
          break;
        case Kind.END:
          return;
        case Kind.ERROR: {
          const { code, message: text } = objectOf(message);
          throw Object.assign(new Error(text), { code });
        }
      }
    }
  }
  throw Object.assign(new Error('The peer has left before the last block'), {
    code: 'ERR_PEER_LEFT',
  });
}
