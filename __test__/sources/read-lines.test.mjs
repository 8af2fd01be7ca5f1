// The lines of files, pipes and everything else that readLines can open.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  createWriteStream,
  openSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readLines } from 'async-iterable-bridge';
import { runProgram, runScript } from '../support/child.mjs';
import { makeFolder } from '../support/folder.mjs';
import { expectNoHandles } from '../support/handles.mjs';
import { until } from '../support/scripted-streams.mjs';

expectNoHandles();

const isWindows = process.platform === 'win32';
const MEBIBYTE = 1024 * 1024;

/** The sizes of the first read and of all later reads: the places where lines are cut. */
const PIECES = [64 * 1024, 256 * 1024];

const folder = makeFolder({});
let files = 0;

function makeFile(content) {
  const path = join(folder, `${files++}.txt`);
  writeFileSync(path, content);
  return path;
}

async function collect(stream) {
  const items = [];
  for await (const item of stream) items.push(item);
  return items;
}

const linesOf = (content, options) => collect(readLines(makeFile(content), options));

/** Collects the items of a stream before its failure, and the failure. */
async function collectUntilFailure(stream) {
  const items = [];
  try {
    for await (const item of stream) items.push(item);
  } catch (error) {
    return { items, error };
  }
  throw new assert.AssertionError({ message: 'The stream did not fail' });
}

describe('lines', () => {
  it('end with a newline', async () => {
    assert.deepEqual(await linesOf('one\ntwo\n'), ['one', 'two']);
  });

  it('end with a carriage return and a newline', async () => {
    assert.deepEqual(await linesOf('one\r\ntwo\r\n'), ['one', 'two']);
  });

  it('do not end with a carriage return alone', async () => {
    assert.deepEqual(await linesOf('one\rtwo\nthree\r'), ['one\rtwo', 'three\r']);
  });

  it('may be empty', async () => {
    assert.deepEqual(await linesOf('\n\r\n\n'), ['', '', '']);
  });

  it('include a last one without a newline', async () => {
    assert.deepEqual(await linesOf('one\ntwo'), ['one', 'two']);
  });

  it('are none in an empty file', async () => {
    assert.deepEqual(await linesOf(''), []);
  });

  it('keep a byte order mark, as those of node:readline do', async () => {
    assert.deepEqual(await linesOf('\uFEFFone\n'), ['\uFEFFone']);
  });

  it('may end anywhere with regard to the blocks in which a file is read', async () => {
    const ends = [PIECES[0], PIECES[0] + PIECES[1]];
    for (const end of ends) {
      for (const shift of [-2, -1, 0, 1]) {
        const long = 'x'.repeat(end + shift);
        const content = `${long}\r\nnext\r\n\nlast`;
        assert.deepEqual(await linesOf(content), [long, 'next', '', 'last']);
      }
    }
  });

  it('may be longer than a block', async () => {
    const lines = ['a'.repeat(3 * MEBIBYTE), 'b', 'c'.repeat(MEBIBYTE)];
    assert.deepEqual(await linesOf(lines.join('\n')), lines);
  });

  it('are the same in batches', async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index}`);
    const batches = await collect(readLines(makeFile(lines.join('\n'))).batches());
    assert.deepEqual(batches.flat(), lines);
  });

  it('are the same whatever the bounds of the buffer are', async () => {
    const lines = Array.from({ length: 500 }, (_, index) => 'é'.repeat(index));
    for (const options of [{ capacity: 1 }, { maxBytes: 1 }, { capacity: 7, maxBytes: 100 }]) {
      assert.deepEqual(await linesOf(lines.join('\r\n'), options), lines);
    }
  });
});

describe('text', () => {
  it('may have characters of any length', async () => {
    const lines = ['ascii', 'é', '漢字', '😀 and more', 'x'];
    assert.deepEqual(await linesOf(`${lines.join('\n')}\n`), lines);
  });

  it('may be cut inside a character by the blocks in which a file is read', async () => {
    for (const shift of [1, 2, 3]) {
      const long = `${'x'.repeat(PIECES[0] - shift)}😀`;
      assert.deepEqual(await linesOf(`${long}\né`), [long, 'é']);
    }
  });

  it('has U+FFFD for what is not UTF-8, exactly where Node has it', async () => {
    const cases = [
      [0xff],
      [0xc3],
      [0xe2, 0x82],
      [0xf0, 0x9f, 0x98],
      [0xc0, 0x80],
      [0xed, 0xa0, 0x80],
      [0xf5, 0x80, 0x80, 0x80],
      [0x61, 0xf0, 0x9f, 0x62, 0xc3, 0x28],
    ];
    const lines = cases.map((bytes) => Buffer.from(bytes));
    const content = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
    const expected = lines.map((line) => line.toString('utf8'));
    assert.deepEqual(await linesOf(content), expected);
  });

  it('has U+FFFD exactly where Node has it in any bytes', async () => {
    let seed = 1;
    const random = () => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return seed >>> 16;
    };
    const alphabet = [0x0a, 0x0d, 0x61, 0x80, 0xbf, 0xc3, 0xe2, 0xed, 0xf0, 0xf4, 0xff];
    for (let round = 0; round < 20; round++) {
      const bytes = Buffer.from(
        Array.from({ length: 5000 }, () => alphabet[random() % alphabet.length]),
      );
      const expected = bytes.toString('utf8').split(/\r?\n/);
      if (expected.at(-1) === '') expected.pop();
      assert.deepEqual(await linesOf(bytes), expected);
    }
  });
});

describe("with encoding 'buffer'", () => {
  it('lines are the bytes as they are', async () => {
    const lines = await linesOf(Buffer.from([0xff, 0x0a, 0x0a, 0x00, 0xc3, 0x0d, 0x0a, 0x0d]), {
      encoding: 'buffer',
    });
    assert.ok(lines.every(Buffer.isBuffer));
    assert.deepEqual(
      lines.map((line) => line.toString('hex')),
      ['ff', '', '00c3', '0d'],
    );
  });

  it('lines are right beyond a block', async () => {
    const lines = Array.from({ length: 30_000 }, (_, index) => `line ${index}`);
    const buffers = await linesOf(lines.join('\r\n'), { encoding: 'buffer' });
    assert.deepEqual(buffers.map(String), lines);
  });
});

describe('maxLineBytes', () => {
  it('lets a line of that length through, whatever ends it', async () => {
    assert.deepEqual(await linesOf('1234\r\n1234\n1234', { maxLineBytes: 4 }), [
      '1234',
      '1234',
      '1234',
    ]);
  });

  it('fails with the number of the line, after the lines before it', async () => {
    const path = makeFile('1\n22\n12345\n4\n');
    const { items, error } = await collectUntilFailure(readLines(path, { maxLineBytes: 4 }));
    assert.deepEqual(items, ['1', '22']);
    assert.equal(error.code, 'ERR_LINE_TOO_LONG');
    assert.match(error.message, /\b3\b/);
    assert.match(error.message, /\b4\b/);
  });

  it('counts the lines of all blocks', async () => {
    const path = makeFile(`${'x\n'.repeat(300_000)}too long\n`);
    const { items, error } = await collectUntilFailure(readLines(path, { maxLineBytes: 4 }));
    assert.equal(items.length, 300_000);
    assert.match(error.message, /\b300001\b/);
  });

  it('counts bytes and not characters', async () => {
    const { error } = await collectUntilFailure(readLines(makeFile('éé'), { maxLineBytes: 3 }));
    assert.equal(error.code, 'ERR_LINE_TOO_LONG');
    assert.deepEqual(await linesOf(Buffer.from([0xff, 0xff]), { maxLineBytes: 2 }), [
      '\uFFFD\uFFFD',
    ]);
  });

  it('fails before the whole line is read', { skip: !linuxHas('/dev/zero') }, async () => {
    const { error } = await collectUntilFailure(readLines('/dev/zero', { maxLineBytes: MEBIBYTE }));
    assert.equal(error.code, 'ERR_LINE_TOO_LONG');
  });
});

function linuxHas(path) {
  return process.platform === 'linux' && spawnSync('test', ['-e', path]).status === 0;
}

describe('a file that changes while it is read', () => {
  it('is read to where it has grown', async () => {
    const path = makeFile('x\n'.repeat(100_000));
    const stream = readLines(path, { capacity: 1 });
    assert.equal((await stream.next()).value, 'x');
    appendFileSync(path, 'grown\n');
    assert.equal((await collect(stream)).at(-1), 'grown');
  });

  it('ends where it has shrunk to', async () => {
    const path = makeFile('x\n'.repeat(1_000_000));
    const stream = readLines(path, { capacity: 1 });
    assert.equal((await stream.next()).value, 'x');
    truncateSync(path, 0);
    assert.ok((await collect(stream)).length < 1_000_000);
  });
});

describe('what cannot be read', () => {
  const failureOf = async (path, options) => {
    const stream = readLines(path, options);
    const error = await stream.next().then(assert.fail, (reason) => reason);
    assert.deepEqual(await stream.next(), { value: undefined, done: true });
    const { code, errno, syscall, path: named, message } = error;
    assert.ok(error instanceof Error);
    return { code, errno, syscall, path: named, message };
  };

  it('is a missing file, reported as Node does', async () => {
    const path = join(folder, 'missing.txt');
    assert.deepEqual(await failureOf(path), {
      code: 'ENOENT',
      errno: isWindows ? -4058 : -constants.errno.ENOENT,
      syscall: 'open',
      path,
      message: `ENOENT: no such file or directory, open '${path}'`,
    });
  });

  it('names the caller in its stack', async () => {
    async function readMissing() {
      const stream = readLines(join(folder, 'missing.txt'));
      await stream.next();
    }
    const { message, stack } = await readMissing().then(assert.fail, (reason) => reason);
    assert.ok(stack.startsWith(`Error: ${message}\n`), stack);
    assert.match(stack, /readMissing.*read-lines\.test\.mjs/);
    assert.doesNotMatch(stack, /NativeSource|index\.js/);
  });

  it('has a stack also where the program formats stacks itself', async () => {
    const { prepareStackTrace } = Error;
    for (const prepare of [() => 1, (_, sites) => sites, () => assert.fail()]) {
      Error.prepareStackTrace = prepare;
      const failed = readLines(join(folder, 'missing.txt')).next();
      const error = await failed.catch((reason) => reason);
      Error.prepareStackTrace = prepareStackTrace;
      assert.equal(error.code, 'ENOENT');
    }
  });

  it('is a directory, which is opened and then not read', { skip: isWindows }, async () => {
    const failure = await failureOf(folder);
    assert.equal(failure.code, 'EISDIR');
    assert.equal(failure.errno, -constants.errno.EISDIR);
    assert.equal(failure.syscall, 'read');
    assert.equal(failure.path, folder);
    assert.match(failure.message, /^EISDIR: illegal operation on a directory, read/);
  });

  it('is a file below another file', { skip: isWindows }, async () => {
    const failure = await failureOf(join(makeFile('text'), 'below'));
    assert.equal(failure.code, 'ENOTDIR');
    assert.equal(failure.syscall, 'open');
  });

  it('is a file without permission', { skip: isWindows }, async () => {
    const path = makeFile('secret');
    chmodSync(path, 0);
    if (process.getuid() === 0) {
      assert.deepEqual(await collect(readLines(path)), ['secret']); // the superuser may
      return;
    }
    const failure = await failureOf(path);
    assert.equal(failure.code, 'EACCES');
    assert.equal(failure.syscall, 'open');
  });

  it('does not throw at the call', () => {
    const stream = readLines(join(folder, 'missing.txt'));
    assert.equal(stream.stats.state, 'idle');
  });
});

describe('a path', () => {
  it('may be a Buffer', async () => {
    const path = Buffer.from(makeFile('one\n'));
    assert.deepEqual(await collect(readLines(path)), ['one']);
  });

  it('may have bytes that are not UTF-8', { skip: process.platform !== 'linux' }, async () => {
    const path = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x66, 0xff])]);
    // A shell makes it, because Deno would make a path of bytes UTF-8.
    spawnSync('sh', ['-c', 'echo one > "$0/$(printf "f\\377")"', folder]);
    assert.deepEqual(await collect(readLines(path)), ['one']);
  });

  it('may be that of a symbolic link', { skip: isWindows }, async () => {
    const link = join(folder, 'link');
    symlinkSync(makeFile('one\n'), link);
    assert.deepEqual(await collect(readLines(link)), ['one']);
  });
});

describe('a FIFO', { skip: isWindows }, () => {
  const makeFifo = () => {
    const path = join(folder, `${files++}.fifo`);
    assert.equal(spawnSync('mkfifo', [path]).status, 0);
    return path;
  };

  it('is waited for until it has a writer', async () => {
    const path = makeFifo();
    const stream = readLines(path);
    let settled = false;
    const first = stream.next().finally(() => {
      settled = true;
    });
    // Other streams get their turn meanwhile, again and again, and this one delivers nothing.
    for (let round = 0; round < 20; round++) assert.deepEqual(await linesOf('one\n'), ['one']);
    assert.equal(settled, false);
    const writer = createWriteStream(path);
    writer.end('late\nlast');
    assert.deepEqual(await first, { value: 'late', done: false });
    assert.deepEqual(await collect(stream), ['last']);
  });

  it('gives each line as soon as it is written', async () => {
    const path = makeFifo();
    const stream = readLines(path);
    const writer = createWriteStream(path);
    for (const line of ['one', 'two', 'three']) {
      const next = stream.next();
      writer.write(`${line}\n`);
      assert.equal((await next).value, line);
    }
    writer.end();
    assert.equal((await stream.next()).done, true);
  });

  it('may carry more than a pipe holds', async () => {
    const path = makeFifo();
    const lines = Array.from({ length: 100_000 }, (_, index) => `${index}`);
    // Another process writes: Deno's file streams hold the event loop while a pipe is full.
    spawn('sh', ['-c', 'seq 0 99999 > "$0"', path]);
    assert.deepEqual(await collect(readLines(path)), lines);
  });

  it('without a writer is left by return() at once', async () => {
    const stream = readLines(makeFifo());
    const pending = stream.next();
    assert.deepEqual(await stream.return(), { value: undefined, done: true });
    assert.deepEqual(await pending, { value: undefined, done: true });
  });

  it('does not keep files from being read, however many wait', async () => {
    const waiting = Array.from({ length: 200 }, () => readLines(makeFifo()));
    const pending = waiting.map((stream) => stream.next());
    assert.deepEqual(await linesOf('one\n'), ['one']);
    await Promise.all(waiting.map((stream) => stream.return()));
    for (const next of await Promise.all(pending)) assert.equal(next.done, true);
  });
});

describe('standard input', { skip: isWindows }, () => {
  const program = fileURLToPath(new URL('../programs/read-standard-input.mjs', import.meta.url));
  const names = ['/dev/stdin', '/dev/fd/0'];
  if (process.platform === 'linux') names.push('/proc/self/fd/0');

  async function read(name, stdin, onSpawn) {
    const { code, stdout, stderr } = await runProgram([program, name], {
      stdio: [stdin, 'pipe', 'pipe'],
      onSpawn,
    });
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  }

  for (const name of names) {
    it(`can be read as ${name} from the pipe or socket of a parent process`, async () => {
      const lines = await read(name, 'pipe', (child) => {
        child.stdin.write('one\n');
        child.stdin.end('two');
      });
      assert.deepEqual(lines, ['one', 'two']);
    });

    it(`can be read as ${name} from a file`, async () => {
      const descriptor = openSync(makeFile('one\ntwo\n'), 'r');
      try {
        assert.deepEqual(await read(name, descriptor), ['one', 'two']);
      } finally {
        closeSync(descriptor);
      }
    });

    it(`can be read as ${name} from nothing`, async () => {
      assert.deepEqual(await read(name, 'ignore'), []);
    });

    it(`can be read as ${name} from a shell's pipe`, async () => {
      const script = `printf 'one\\ntwo\\n' | run "$PROGRAM" ${name}`;
      const { code, stdout, stderr } = await runScript(script, { PROGRAM: program });
      assert.equal(code, 0, stderr);
      assert.deepEqual(JSON.parse(stdout), ['one', 'two']);
    });
  }
});

describe('many streams', () => {
  it('break reading when the consumer leaves', async () => {
    const path = makeFile('x\n'.repeat(1_000_000));
    const stream = readLines(path);
    for await (const line of stream) {
      assert.equal(line, 'x');
      break;
    }
    assert.equal(stream.stats.state, 'cancelled');
    const { pushed, capacity } = stream.stats;
    assert.ok(pushed <= 1 + 2 * capacity, `${pushed} lines were pushed`);
    await until(() => stream.stats.pushed === pushed);
  });

  it('2,000 at once can be consumed in turn, with few threads', async () => {
    const program = fileURLToPath(new URL('../programs/round-robin-lines.mjs', import.meta.url));
    const content = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`${index}.txt`, 'line\n'.repeat(3000)]),
    );
    const many = makeFolder(content);
    const { code, stdout, stderr } = await runProgram([program, many, '2000']);
    assert.equal(code, 0, stderr);
    const { lines, mostThreads } = JSON.parse(stdout);
    assert.equal(lines, 2000 * 3000);
    assert.ok(mostThreads < 600, `${mostThreads} threads`);
  });
});
