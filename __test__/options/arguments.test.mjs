// The arguments that the functions take. They refuse all others at the call, with Node's own messages.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { createAsyncIterable, range, readLines, walk } from 'async-iterable-bridge';
import { makeFolder } from '../support/folder.mjs';
import { expectNoHandles } from '../support/handles.mjs';

expectNoHandles();

const TYPE = [TypeError, 'ERR_INVALID_ARG_TYPE'];
const RANGE = [RangeError, 'ERR_OUT_OF_RANGE'];
const VALUE = [TypeError, 'ERR_INVALID_ARG_VALUE'];

const folder = makeFolder({ 'lines.txt': 'one\ntwo\n' });
const file = join(folder, 'lines.txt');

function refuses(call, [type, code], message) {
  it(message, () => {
    assert.throws(call, (error) => {
      assert.equal(error.constructor, type);
      assert.equal(error.name, type.name);
      assert.equal(error.code, code);
      assert.equal(error.message, message);
      assert.ok(error.stack.startsWith(`${type.name} [${code}]: ${message}`), error.stack);
      assert.deepEqual(Object.keys(error), ['code']);
      return true;
    });
  });
}

async function collect(stream) {
  const items = [];
  for await (const item of stream) items.push(item);
  return items;
}

describe('createAsyncIterable refuses', () => {
  refuses(
    () => createAsyncIterable('options'),
    TYPE,
    `The "options" argument must be of type object. Received type string ('options')`,
  );
  refuses(
    () => createAsyncIterable({ capacity: 0 }),
    RANGE,
    'The value of "options.capacity" is out of range. It must be a positive integer. Received 0',
  );
  refuses(
    () => createAsyncIterable({ overflow: 'drop' }),
    VALUE,
    "The property 'options.overflow' must be one of: 'block', 'drop-oldest', 'drop-newest', 'error'. Received 'drop'",
  );
});

describe('range refuses', () => {
  refuses(() => range(), TYPE, 'The "start" argument must be of type number. Received undefined');
  refuses(
    () => range('0', 1),
    TYPE,
    `The "start" argument must be of type number. Received type string ('0')`,
  );
  refuses(() => range(0, null), TYPE, 'The "end" argument must be of type number. Received null');
  refuses(
    () => range(0, 1n),
    TYPE,
    'The "end" argument must be of type number. Received type bigint (1n)',
  );
  refuses(
    () => range(0, 1, '1'),
    TYPE,
    `The "step" argument must be of type number. Received type string ('1')`,
  );
  refuses(
    () => range(0, 1, null),
    TYPE,
    'The "step" argument must be of type number. Received null',
  );
  refuses(
    () => range(Number.NaN, 1),
    RANGE,
    'The value of "start" is out of range. It must be a finite number. Received NaN',
  );
  refuses(
    () => range(0, Number.POSITIVE_INFINITY),
    RANGE,
    'The value of "end" is out of range. It must be a finite number. Received Infinity',
  );
  refuses(
    () => range(0, 1, 0),
    RANGE,
    'The value of "step" is out of range. It must be a finite number other than 0. Received 0',
  );
  refuses(
    () => range(0, 1, -0),
    RANGE,
    'The value of "step" is out of range. It must be a finite number other than 0. Received -0',
  );
  refuses(
    () => range(0, 1, 1, null),
    TYPE,
    'The "options" argument must be of type object. Received null',
  );
  refuses(
    () => range(0, 1, []),
    TYPE,
    'The "options" argument must be of type object. Received an instance of Array',
  );
});

describe('readLines refuses', () => {
  const paths = 'must be of type string or an instance of Buffer or URL';
  refuses(() => readLines(), TYPE, `The "path" argument ${paths}. Received undefined`);
  refuses(() => readLines(0), TYPE, `The "path" argument ${paths}. Received type number (0)`);
  refuses(
    () => readLines({}),
    TYPE,
    `The "path" argument ${paths}. Received an instance of Object`,
  );
  refuses(
    () => readLines('a\0b'),
    VALUE,
    `The argument 'path' must be a string, Uint8Array, or URL without null bytes. Received 'a\\x00b'`,
  );
  refuses(
    () => readLines('x', 'utf8'),
    TYPE,
    `The "options" argument must be of type object. Received type string ('utf8')`,
  );
  refuses(
    () => readLines('x', { encoding: 'latin1' }),
    VALUE,
    `The property 'options.encoding' must be one of: 'utf8', 'utf-8', 'buffer'. Received 'latin1'`,
  );
  refuses(
    () => readLines('x', { maxLineBytes: 0 }),
    RANGE,
    'The value of "options.maxLineBytes" is out of range. It must be a positive integer. Received 0',
  );

  it('a NUL byte in a Buffer', () => {
    assert.throws(() => readLines(Buffer.from('a\0b')), { code: 'ERR_INVALID_ARG_VALUE' });
  });

  it('a URL that is no file', () => {
    assert.throws(() => readLines(new URL('http://localhost/')), TypeError);
  });
});

describe('walk refuses', () => {
  refuses(
    () => walk(),
    TYPE,
    'The "root" argument must be of type string or an instance of Buffer or URL. Received undefined',
  );
  refuses(
    () => walk('\0'),
    VALUE,
    `The argument 'root' must be a string, Uint8Array, or URL without null bytes. Received '\\x00'`,
  );
  for (const name of ['hidden', 'gitignore', 'followSymlinks', 'stat']) {
    refuses(
      () => walk('x', { [name]: 1 }),
      TYPE,
      `The "options.${name}" property must be of type boolean. Received type number (1)`,
    );
  }
  refuses(
    () => walk('x', { maxDepth: -1 }),
    RANGE,
    'The value of "options.maxDepth" is out of range. It must be a non-negative integer or Infinity. Received -1',
  );
  refuses(
    () => walk('x', { maxDepth: '1' }),
    TYPE,
    `The "options.maxDepth" property must be of type number. Received type string ('1')`,
  );
  refuses(
    () => walk('x', { threads: 1025 }),
    RANGE,
    'The value of "options.threads" is out of range. It must be an integer >= 1 && <= 1024. Received 1025',
  );
  refuses(
    () => walk('x', { errors: 'ignore' }),
    VALUE,
    `The property 'options.errors' must be one of: 'throw', 'skip'. Received 'ignore'`,
  );
});

const sources = {
  range: (options) => range(0, 1, options),
  readLines: (options) => readLines(file, options),
  walk: (options) => walk(folder, options),
};

for (const [name, source] of Object.entries(sources)) {
  describe(`the options of ${name}`, () => {
    refuses(
      () => source({ capacity: 'x' }),
      TYPE,
      `The "options.capacity" property must be of type number. Received type string ('x')`,
    );
    for (const option of ['capacity', 'maxBytes']) {
      for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        refuses(
          () => source({ [option]: value }),
          RANGE,
          `The value of "options.${option}" is out of range. It must be a positive integer. Received ${value}`,
        );
      }
    }
    refuses(
      () => source({ timeSlice: -1 }),
      RANGE,
      'The value of "options.timeSlice" is out of range. It must be >= 0 && <= 2147483647. Received -1',
    );
    refuses(
      () => source({ overflow: 'drop-oldest' }),
      VALUE,
      `The property 'options.overflow' must be 'block' for a source. Received 'drop-oldest'`,
    );
    refuses(
      () => source({ start: 'now' }),
      VALUE,
      `The property 'options.start' must be one of: 'lazy', 'eager'. Received 'now'`,
    );
    refuses(
      () => source({ signal: null }),
      TYPE,
      'The "options.signal" property must be an instance of AbortSignal. Received null',
    );
    refuses(
      () => source({ signal: new AbortController() }),
      TYPE,
      'The "options.signal" property must be an instance of AbortSignal. Received an instance of AbortController',
    );

    it('have defaults, also where they are undefined', () => {
      for (const options of [undefined, {}, { capacity: undefined, start: undefined }]) {
        const { capacity, state } = source(options).stats;
        assert.deepEqual({ capacity, state }, { capacity: 1024, state: 'idle' });
      }
    });

    it('are passed on', () => {
      assert.equal(source({ capacity: 7 }).stats.capacity, 7);
    });

    it('may have others beside them', () => {
      assert.equal(source({ highWaterMark: 'unknown' }).stats.capacity, 1024);
    });

    it('start eagerly when asked to', async () => {
      const stream = source({ start: 'eager' });
      assert.notEqual(stream.stats.state, 'idle');
      await stream.return();
    });

    it('never start the producer of what is aborted already', async () => {
      const reason = new Error('changed my mind');
      const stream = source({ start: 'eager', signal: AbortSignal.abort(reason) });
      await assert.rejects(stream.next(), (error) => error === reason);
      assert.deepEqual(await stream.next(), { value: undefined, done: true });
      assert.equal(stream.stats.pushed, 0);
    });
  });
}

describe('range takes', () => {
  it('a step, or none', async () => {
    assert.deepEqual(await collect(range(0, 3)), [0, 1, 2]);
    assert.deepEqual(await collect(range(0, 3, undefined)), [0, 1, 2]);
    assert.deepEqual(await collect(range(0, 1, 0.5)), [0, 0.5]);
    assert.deepEqual(await collect(range(3, 0, -1)), [3, 2, 1]);
    assert.deepEqual(await collect(range(5, 0)), []);
    assert.deepEqual(await collect(range(0, 0)), []);
  });

  it("options in the step's place, or after it", () => {
    assert.equal(range(0, 3, { capacity: 2 }).stats.capacity, 2);
    assert.equal(range(0, 3, 1, { capacity: 2 }).stats.capacity, 2);
    assert.equal(range(0, 3, undefined, { capacity: 2 }).stats.capacity, 2);
  });
});

describe('a path may be', () => {
  const bytes = Buffer.from(file);
  const paths = {
    'a string': file,
    'a Buffer': bytes,
    'a Uint8Array': new Uint8Array(bytes),
    'a file: URL': pathToFileURL(file),
  };
  for (const [kind, path] of Object.entries(paths)) {
    it(kind, async () => {
      assert.deepEqual(await collect(readLines(path)), ['one', 'two']);
      const [entry] = await collect(walk(path));
      assert.equal(entry.path, file);
    });
  }
});

describe('an encoding may be', () => {
  for (const encoding of ['utf8', 'utf-8', undefined]) {
    it(`${encoding}`, async () => {
      assert.deepEqual(await collect(readLines(file, { encoding })), ['one', 'two']);
    });
  }

  it('buffer', async () => {
    const lines = await collect(readLines(file, { encoding: 'buffer' }));
    assert.deepEqual(lines, [Buffer.from('one'), Buffer.from('two')]);
  });
});
