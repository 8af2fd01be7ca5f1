// The encoder refuses objects of the platform by the name of their class, on every runtime, and quotes none of their
// content.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { promises } from 'node:fs';
import net from 'node:net';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import vm from 'node:vm';
import * as threads from 'node:worker_threads';
import { BatchEncoder, carry } from '../support/codec.mjs';

const SECRET = 'secret-content';

const PLATFORM = {
  Blob: () => new Blob([SECRET]),
  File: () => new File([SECRET], SECRET),
  URL: () => new URL(`http://localhost/${SECRET}`),
  URLSearchParams: () => new URLSearchParams({ SECRET }),
  Headers: () => new Headers({ SECRET }),
  Request: () => new Request(`http://localhost/${SECRET}`),
  Response: () => new Response(SECRET),
  FormData: () => new FormData(),
  ReadableStream: () => new ReadableStream(),
  WritableStream: () => new WritableStream(),
  TransformStream: () => new TransformStream(),
  CompressionStream: () => new CompressionStream('gzip'),
  TextEncoder: () => new TextEncoder(),
  TextDecoder: () => new TextDecoder(),
  AbortController: () => new AbortController(),
  AbortSignal: () => AbortSignal.abort(SECRET),
  EventTarget: () => new EventTarget(),
  Event: () => new Event(SECRET),
  MessageChannel: () => new MessageChannel(),
  KeyObject: () => crypto.createSecretKey(Buffer.from(SECRET)),
  BlockList: () => new net.BlockList(),
  Stream: () => Readable.from([SECRET]),
  Module: () => new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)),
  Memory: () => new WebAssembly.Memory({ initial: 1 }),
};

const ORDINARY = {
  Promise: () => Promise.resolve(SECRET),
  WeakMap: () => new WeakMap(),
  WeakRef: () => new WeakRef({ SECRET }),
  NumberFormat: () => new Intl.NumberFormat(),
  Function: () => (secret) => secret,
  Symbol: () => Symbol(SECRET),
  Proxy: () => new Proxy({ SECRET }, {}),
  SharedArrayBuffer: () => new SharedArrayBuffer(8),
};

/** Returns the name of a class on this runtime: Bun makes a Blob of every File. */
const nameHere = (name) => (name === 'File' && globalThis.Bun !== undefined ? 'Blob' : name);

function refusalOf(item) {
  const encoder = new BatchEncoder();
  try {
    encoder.encode(item);
  } catch (error) {
    assert.equal(encoder.count, 0);
    return error;
  }
  return undefined;
}

for (const [name, make] of Object.entries({ ...PLATFORM, ...ORDINARY })) {
  test(`a ${name} is refused by its name`, () => {
    for (const item of [make(), { deep: [make()] }, new Map([[make(), 1]])]) {
      const error = refusalOf(item);
      assert.equal(error?.name, 'DataCloneError');
      assert.equal(error.message, `#<${nameHere(name)}> could not be cloned.`);
    }
  });
}

test('a key, a port and the handle of a file are refused', async () => {
  const { port1 } = new MessageChannel();
  const key = await crypto.webcrypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, [
    'encrypt',
  ]);
  const file = await promises.open(new URL(import.meta.url));
  try {
    for (const [object, name] of [
      [key, 'CryptoKey'],
      [port1, 'MessagePort'],
      [file, 'FileHandle'],
    ]) {
      assert.equal(refusalOf({ object })?.message, `#<${name}> could not be cloned.`);
    }
  } finally {
    await file.close();
    port1.close();
  }
});

test('an object that extends a class of the platform is refused, one that has only the name is not', () => {
  class Emitter extends EventTarget {
    field = SECRET;
  }
  assert.equal(refusalOf(new Emitter())?.message, '#<EventTarget> could not be cloned.');
  class Headers {
    field = 1;
  }
  class Histogram {
    field = 2;
  }
  assert.deepEqual(carry([new Headers(), new Histogram()]), [{ field: 1 }, { field: 2 }]);
});

test('a revoked proxy is refused', () => {
  for (const target of [{}, [], () => {}]) {
    const { proxy, revoke } = Proxy.revocable(target, {});
    revoke();
    assert.equal(refusalOf({ proxy })?.name, 'DataCloneError');
  }
});

test('no trap of a proxy runs, not even of one among the prototypes', () => {
  const traps = [];
  const handler = new Proxy({}, { get: (_, name) => void traps.push(name) });
  assert.equal(refusalOf([new Proxy({}, handler)])?.name, 'DataCloneError');
  const item = Object.assign(Object.create(new Proxy({}, handler)), { own: 1 });
  traps.length = 0;
  assert.deepEqual(carry([item]), [{ own: 1 }]);
  assert.deepEqual(traps, []);
});

test('the variables of the environment are not quoted', () => {
  const item = { env: process.env, not: () => {} };
  assert.equal(refusalOf(item)?.message.includes(process.env.PATH), false);
});

test('an object of another realm arrives as one of this realm', () => {
  const items = vm.runInNewContext(
    '[{ a: 1 }, [1, 2], new Map([[1, 2]]), new Date(5), Uint8Array.of(1), /a/g, new TypeError("other"), Object(1)]',
  );
  const received = carry([...items]);
  assert.deepEqual(received.slice(0, 6), [
    { a: 1 },
    [1, 2],
    new Map([[1, 2]]),
    new Date(5),
    Uint8Array.of(1),
    /a/g,
  ]);
  assert.ok(received[6] instanceof TypeError);
});

test('what was marked as uncloneable is refused', {
  skip: threads.markAsUncloneable === undefined,
}, () => {
  // Bun gives no way to observe the calls of a function that was imported by its name.
  const { markAsUncloneable: mark } = globalThis.Bun === undefined ? threads : threads.default;
  class Resource {
    field = SECRET;
  }
  for (const object of [{ SECRET }, [SECRET], new Resource(), new Map(), new Error(SECRET)]) {
    assert.equal(refusalOf({ object }), undefined);
    mark(object);
    assert.equal(refusalOf({ object })?.name, 'DataCloneError');
    assert.equal(refusalOf(object)?.message.includes(SECRET), false);
  }
});
