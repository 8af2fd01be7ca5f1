// The reason of a sender's failure, as it arrives in the consumer's thread.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import vm from 'node:vm';
import { carry } from '../support/codec.mjs';

const require = createRequire(import.meta.url);
const { packError, unpackError } = require('../../lib/support/portable-error.js');

const send = (reason) => unpackError(carry([packError(reason)])[0]);

const isHidden = (error, key) => !Object.getOwnPropertyDescriptor(error, key).enumerable;

for (const Class of [
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  EvalError,
  ReferenceError,
  URIError,
]) {
  test(`${Class.name} keeps its class, its message and its stack`, () => {
    const error = new Class('broken');
    const received = send(error);
    assert.equal(Object.getPrototypeOf(received), Class.prototype);
    assert.equal(received.name, Class.name);
    assert.ok(!Object.hasOwn(received, 'name'));
    assert.equal(received.message, 'broken');
    assert.equal(received.stack, error.stack);
    assert.ok(isHidden(received, 'message') && isHidden(received, 'stack'));
    assert.deepEqual(Object.keys(received), []);
  });
}

test('an error without a message has none of its own', () => {
  const received = send(new Error());
  assert.equal(received.message, '');
  assert.ok(!Object.hasOwn(received, 'message'));
});

test('an AggregateError keeps its errors, and what among them is none', () => {
  const inner = new RangeError('inner');
  const received = send(new AggregateError([inner, 'text', () => {}], 'outer'));
  assert.ok(received instanceof AggregateError);
  assert.equal(received.message, 'outer');
  assert.ok(isHidden(received, 'errors'));
  assert.ok(received.errors[0] instanceof RangeError);
  assert.equal(received.errors[0].message, 'inner');
  assert.equal(received.errors[0].stack, inner.stack);
  assert.equal(received.errors[1], 'text');
  assert.match(received.errors[2], /Function/);
  assert.equal(received.errors.length, 3);
});

test('a DOMException keeps its name and its code', () => {
  const error = new DOMException('too late', 'TimeoutError');
  const received = send(error);
  assert.ok(received instanceof DOMException);
  assert.equal(received.name, 'TimeoutError');
  assert.equal(received.code, DOMException.TIMEOUT_ERR);
  assert.equal(received.message, 'too late');
  assert.equal(received.stack, error.stack);
});

test("an error of a user's class is an error of that name", () => {
  class ConnectionError extends TypeError {
    constructor(message, code) {
      super(message);
      this.code = code;
    }
  }
  const received = send(new ConnectionError('lost', 'ECONNRESET'));
  assert.ok(received instanceof TypeError);
  assert.equal(received.name, 'ConnectionError');
  assert.ok(isHidden(received, 'name'));
  assert.equal(received.code, 'ECONNRESET');
  assert.deepEqual(Object.keys(received), ['code']);
});

test('a name of its own, or of its prototype, wins over that of the class', () => {
  const own = Object.assign(new Error('x'), { name: 'Own' });
  assert.equal(send(own).name, 'Own');
  assert.deepEqual(Object.keys(send(own)), ['name']);
  class Inherited extends Error {
    get name() {
      return 'FromPrototype';
    }
  }
  assert.equal(send(new Inherited('x')).name, 'FromPrototype');
});

test('a code that the class has in common arrives with each error', () => {
  class Refused extends Error {
    get code() {
      return 'ERR_REFUSED';
    }
  }
  assert.equal(send(new Refused('no')).code, 'ERR_REFUSED');
});

test('causes arrive as errors, down to the last', () => {
  const first = Object.assign(new RangeError('first'), { code: 'E_FIRST' });
  const received = send(new Error('third', { cause: new TypeError('second', { cause: first }) }));
  assert.ok(isHidden(received, 'cause'));
  assert.ok(received.cause instanceof TypeError);
  assert.ok(received.cause.cause instanceof RangeError);
  assert.equal(received.cause.cause.code, 'E_FIRST');
});

test('a cause that is no error arrives as its clone, undefined included', () => {
  assert.deepEqual(send(new Error('x', { cause: { status: 503 } })).cause, { status: 503 });
  const received = send(new Error('x', { cause: undefined }));
  assert.ok(Object.hasOwn(received, 'cause'));
  assert.equal(received.cause, undefined);
});

test('errors that cause each other arrive as such', () => {
  const first = new Error('first');
  const second = new Error('second', { cause: first });
  first.cause = second;
  const received = send(first);
  assert.equal(received.cause.message, 'second');
  assert.equal(received.cause.cause, received);
});

test('a chain of causes without end is cut off with a text', () => {
  let error = new Error('the deepest');
  for (let depth = 0; depth < 10_000; depth++) error = new Error('outer', { cause: error });
  let received = send(error);
  let causes = 0;
  for (; received instanceof Error; received = received.cause) causes++;
  assert.equal(typeof received, 'string');
  assert.ok(causes > 10 && causes < 100, `${causes} causes`);
});

test('properties arrive as clones, a Buffer as a Buffer, errors as errors', () => {
  const error = Object.assign(new Error('x'), {
    errno: -2,
    body: Buffer.from('text'),
    seen: new Map([['a', 1]]),
    original: new RangeError('inner'),
    nothing: undefined,
  });
  const received = send(error);
  assert.deepEqual(Object.keys(received), ['errno', 'body', 'seen', 'original', 'nothing']);
  assert.equal(received.errno, -2);
  assert.ok(Buffer.isBuffer(received.body));
  assert.equal(received.body.toString(), 'text');
  assert.deepEqual(received.seen, new Map([['a', 1]]));
  assert.ok(received.original instanceof RangeError);
});

test('a property called __proto__ is one like any other', () => {
  const error = new Error('x');
  Object.defineProperty(error, '__proto__', { value: { evil: true }, enumerable: true });
  const received = send(error);
  assert.equal(Object.getPrototypeOf(received), Error.prototype);
  assert.deepEqual(Object.keys(received), ['__proto__']);
  assert.equal(received.evil, undefined);
});

test('a property that cannot be cloned arrives as a text of bounded length', () => {
  const error = Object.assign(new Error('x'), {
    handler() {},
    socket: { write() {}, lines: Array.from({ length: 10_000 }, () => 'x'.repeat(10_000)) },
  });
  const received = send(error);
  assert.match(received.handler, /Function: handler/);
  assert.match(received.socket, /write/);
  assert.ok(received.socket.length < 2000);
});

test('getters and inspectors that throw are survived', () => {
  const error = new Error('x');
  const fail = () => {
    throw new Error('of the getter');
  };
  const enumerable = true;
  // First, because Node 20 would otherwise read the stack with the name.
  Object.defineProperty(error, 'stack', { get: fail });
  Object.defineProperties(error, {
    broken: { get: fail, enumerable },
    name: { get: fail, enumerable },
    message: { get: fail },
    code: { get: fail },
    nested: { value: { [Symbol.for('nodejs.util.inspect.custom')]: fail, fail }, enumerable },
    whole: { value: 1, enumerable },
  });
  const received = send(error);
  assert.equal(received.whole, 1);
  assert.equal(typeof received.nested, 'string');
  assert.ok(!('broken' in received));
});

test('an error of another realm arrives as one of this', () => {
  const error = vm.runInNewContext('Object.assign(new RangeError("far"), { code: "E_FAR" })');
  const received = send(error);
  assert.ok(received instanceof RangeError);
  assert.equal(received.message, 'far');
  assert.equal(received.code, 'E_FAR');
});

test('a reason that is no error arrives as it is', () => {
  const reasons = [
    undefined,
    null,
    0,
    -0,
    Number.NaN,
    '',
    'text',
    false,
    7n,
    [1, [2]],
    new Set([1]),
  ];
  for (const reason of reasons) assert.deepStrictEqual(send(reason), reason);
  const { stack, message } = send({ stack: 1, message: Buffer.from('x') });
  assert.equal(stack, 1);
  assert.ok(Buffer.isBuffer(message));
});

const proxied = new Proxy(new Error('x'), {
  get() {
    throw new Error('of the trap');
  },
});

for (const [name, reason] of Object.entries({
  function: () => {},
  symbol: Symbol('mine'),
  promise: Promise.resolve(),
  proxy: proxied,
  'object with a method': { method() {} },
  'object whose getter throws': {
    get broken() {
      throw new Error('of the getter');
    },
  },
})) {
  test(`a reason that cannot be cloned (${name}) arrives as an error that shows it`, () => {
    const received = send(reason);
    assert.ok(received instanceof Error);
    assert.equal(received.code, 'ERR_UNCLONEABLE_REASON');
    assert.match(received.message, /cannot be cloned: ./);
  });
}

test('a packed reason no longer changes with what it was made of', () => {
  const error = Object.assign(new Error('before'), { list: [1], bytes: new Uint8Array(40_000) });
  const packed = packError(error);
  error.message = 'after';
  error.list.push(2);
  error.bytes.fill(1);
  const received = unpackError(carry([packed])[0]);
  assert.equal(received.message, 'before');
  assert.deepEqual(received.list, [1]);
  assert.equal(received.bytes[0], 0);
});
