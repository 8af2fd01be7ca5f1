// The command line, run as a user runs it.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, sep } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { OPTIONS } from '../../bin/command-line/options.mjs';
import { jsonLines } from '../../bin/command-line/output.mjs';
import { Progress } from '../../bin/command-line/progress.mjs';
import { projectRoot, runProgram, runScript } from '../support/child.mjs';
import { makeFolder } from '../support/folder.mjs';

const isWindows = process.platform === 'win32';
const isLinux = process.platform === 'linux';
const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));
const program = join(projectRoot, manifest.bin['async-iterable-bridge']);

/** A text larger than the buffer of any pipe, so that its writer must wait for the reader. */
const LARGE = 'a line of some length\n'.repeat(200_000);

function command(args, options) {
  return runProgram([program, ...args], options);
}

/** Runs a command that succeeds, and returns its output. */
async function itemsOf(args, options) {
  const { code, signal, stdout, stderr } = await command(args, options);
  assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' });
  return stdout.split('\n').slice(0, -1).map(JSON.parse);
}

async function assertMisused(args, message) {
  const { code, stdout, stderr } = await command(args);
  assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
  assert.match(stderr, message);
  assert.match(stderr, /^async-iterable-bridge: .*\nTry 'async-iterable-bridge --help'\.\n$/s);
}

const fileOf = (content) => join(makeFolder({ file: content }), 'file');

describe('the command line', () => {
  it('prints its help, whichever command it is asked about', async () => {
    for (const args of [['--help'], ['-h'], ['lines', '--help'], ['bench', '-h']]) {
      const { code, stdout, stderr } = await command(args);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
      assert.match(stdout, /^Usage: async-iterable-bridge COMMAND .*\n {2}lines .*\n {2}bench /s);
    }
  });

  it('prints its version', async () => {
    const { code, stdout } = await command(['--version']);
    assert.deepEqual({ code, stdout }, { code: 0, stdout: `${manifest.version}\n` });
  });

  it('names every option of every command in its help', async () => {
    const { stdout } = await command(['--help']);
    for (const option of Object.values(OPTIONS).flatMap(Object.keys)) {
      assert.ok(stdout.includes(`  --${option} `), option);
    }
  });

  it('hints at the help, with exit code 2, if it is used wrongly', async () => {
    await assertMisused([], /Which command\?/);
    await assertMisused(['nothing'], /There is no command 'nothing'/);
    await assertMisused(['toString'], /There is no command 'toString'/);
    await assertMisused(['lines', '--nothing'], /--nothing/);
    await assertMisused(['lines', 'one', 'two'], /One argument too many: 'two'/);
    await assertMisused(['lines', '--capacity', 'many', 'file'], /takes a number, not 'many'/);
    await assertMisused(['lines', '--capacity', '0', 'file'], /capacity.* out of range/);
    await assertMisused(['walk', '--threads', '5000'], /threads.* out of range/);
    await assertMisused(['walk', '--depth'], /--depth/);
    await assertMisused(['bench', 'nothing'], /There is no comparison 'nothing'/);
    await assertMisused(['bench', '--rounds', '0'], /--rounds takes a number from 1 on/);
  });

  it('says what cannot be read, with exit code 1', async () => {
    for (const args of [
      ['lines', 'no-such-file'],
      ['walk', 'no-such-file'],
      ['walk', '--skip-errors', 'no-such-file'],
      ['bench', 'walk', '--directory', 'no-such-file'],
    ]) {
      const { code, stdout, stderr } = await command(args);
      assert.deepEqual({ code, stdout }, { code: 1, stdout: '' });
      // Node's own errors have the whole path on Windows.
      assert.match(stderr, /^async-iterable-bridge: ENOENT: .*no-such-file'\n$/);
    }
  });

  it('needs the addon only to run a command, and says in a line that it is missing', async () => {
    const env = { ...process.env, ASYNC_ITERABLE_BRIDGE_ADDON: 'missing.node' };
    for (const args of [['--help'], ['--version'], ['walk', '--help']]) {
      const { code, stderr } = await command(args, { env });
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    }
    assert.equal((await command(['lines', '--nothing'], { env })).code, 2);
    for (const name of ['lines', 'walk', 'bench']) {
      const { code, stdout, stderr } = await command([name], { env });
      assert.deepEqual({ code, stdout }, { code: 1, stdout: '' });
      assert.match(stderr, /^async-iterable-bridge: .*cannot be loaded: .*missing\.node.*\n$/);
    }
  });

  it('is quiet when the reader of its output has left', async () => {
    for (const args of [
      ['lines', fileOf(LARGE)],
      ['walk', 'lib'],
      ['bench', 'walk', '--rounds', '1'],
    ]) {
      const outcome = await command(args, { onSpawn: ({ stdout }) => stdout.destroy() });
      assert.deepEqual(outcome, { code: 0, signal: null, stdout: '', stderr: '' });
    }
  });

  it('stops when the reader of its output leaves', { skip: isWindows }, async () => {
    const script = '{ yes | { run "$PROGRAM" lines; echo "exit code $?" >&2; }; } | head -n 1';
    const { stdout, stderr } = await runScript(script, { PROGRAM: program });
    const printed = '{"line":1,"text":"y"}\n';
    assert.deepEqual({ stdout, stderr }, { stdout: printed, stderr: 'exit code 0\n' });
  });

  it('reports that its output cannot be written', { skip: !isLinux }, async () => {
    const script = 'run "$PROGRAM" lines package.json > /dev/full';
    const { code, stderr } = await runScript(script, { PROGRAM: program });
    assert.equal(code, 1);
    assert.match(stderr, /^async-iterable-bridge: .*no space left on device.*\n$/i);
  });

  it('stops at Ctrl-C with exit code 130 and keeps its output', { skip: isWindows }, async () => {
    const outcome = await command(['lines'], {
      stdio: 'pipe',
      onSpawn({ pid, stdin, stdout }) {
        stdin.write('one\n');
        stdout.once('data', () => process.kill(pid, 'SIGINT'));
      },
    });
    const stdout = '{"line":1,"text":"one"}\n';
    assert.deepEqual(outcome, { code: 130, signal: null, stdout, stderr: '' });
  });
});

describe('lines', () => {
  it('prints the lines of a file', async () => {
    assert.deepEqual(await itemsOf(['lines', fileOf('one\n\n"two"\r\nthree')]), [
      { line: 1, text: 'one' },
      { line: 2, text: '' },
      { line: 3, text: '"two"' },
      { line: 4, text: 'three' },
    ]);
  });

  it('prints nothing for an empty file', async () => {
    assert.deepEqual(await itemsOf(['lines', fileOf('')]), []);
  });

  it('prints every line of a large file to a slow reader', async () => {
    const { code, stdout } = await command(['lines', fileOf(LARGE)], {
      onSpawn({ stdout }) {
        stdout.on('data', () => {
          stdout.pause();
          setImmediate(() => stdout.resume());
        });
      },
    });
    assert.equal(code, 0);
    assert.equal(stdout.split('\n').length, LARGE.split('\n').length);
    assert.ok(stdout.endsWith('{"line":200000,"text":"a line of some length"}\n'));
  });

  it('reads standard input without a file, or for -', { skip: isWindows }, async () => {
    for (const args of [['lines'], ['lines', '-']]) {
      const items = await itemsOf(args, {
        stdio: 'pipe',
        onSpawn: ({ stdin }) => stdin.end('one\ntwo'),
      });
      assert.deepEqual(items, [
        { line: 1, text: 'one' },
        { line: 2, text: 'two' },
      ]);
    }
  });

  it('prints U+FFFD for what is not UTF-8, or bytes as base64', async () => {
    const file = fileOf(Buffer.from([0x61, 0xff, 0x0a, 0xc3, 0xa4]));
    assert.deepEqual(await itemsOf(['lines', file]), [
      { line: 1, text: 'a\ufffd' },
      { line: 2, text: 'ä' },
    ]);
    assert.deepEqual(await itemsOf(['lines', '--base64', file]), [
      { line: 1, base64: 'Yf8=' },
      { line: 2, base64: 'w6Q=' },
    ]);
  });

  it('prints what comes before a line that is too long', async () => {
    const file = fileOf('short\nlonger than that\n');
    assert.deepEqual(await command(['lines', '--max-line-bytes', '8', file]), {
      code: 1,
      signal: null,
      stdout: '{"line":1,"text":"short"}\n',
      stderr: 'async-iterable-bridge: Line 2 is longer than 8 bytes\n',
    });
  });
});

describe('walk', () => {
  const tree = {
    '.gitignore': 'ignored\n',
    ignored: '',
    one: '1',
    'deeper/two': '22',
    'deeper/deepest/three': '333',
  };
  const pathsOf = async (args, options) => {
    const items = await itemsOf(['walk', ...args], options);
    return items.map(({ path }) => path).sort();
  };

  it('prints the entries below a directory, or below the current one', async () => {
    const folder = makeFolder({ one: '' });
    const entry = { name: 'one', depth: 1, type: 'file' };
    const [root, ...entries] = await itemsOf(['walk', folder]);
    assert.deepEqual(
      { ...root, name: '' },
      { path: folder, name: '', depth: 0, type: 'directory' },
    );
    assert.deepEqual(entries, [{ path: join(folder, 'one'), ...entry }]);
    const [, ...inside] = await itemsOf(['walk'], { cwd: folder });
    assert.deepEqual(inside, [{ path: `.${sep}one`, ...entry }]);
  });

  it('includes what its options say', async () => {
    const folder = makeFolder(tree);
    const from = (...paths) => paths.map((path) => join(folder, path)).sort();
    const walked = (...args) => pathsOf([...args, folder]);
    const deep = ['deeper', 'deeper/two', 'deeper/deepest', 'deeper/deepest/three'];
    assert.deepEqual(await walked(), from('', '.gitignore', 'ignored', 'one', ...deep));
    assert.deepEqual(await walked('--no-hidden'), from('', 'ignored', 'one', ...deep));
    assert.deepEqual(await walked('--gitignore'), from('', '.gitignore', 'one', ...deep));
    assert.deepEqual(
      await walked('--depth', '1', '--threads', '1', '--capacity', '1'),
      from('', '.gitignore', 'ignored', 'one', 'deeper'),
    );
  });

  it('tells sizes and times with --stat', async () => {
    const folder = makeFolder({ one: '22' });
    const [, { size, modified }] = await itemsOf(['walk', '--stat', folder]);
    assert.equal(size, 2);
    assert.equal(new Date(modified).toISOString(), modified);
  });

  it('follows links, and leaves out the loops of which it tells', { skip: isWindows }, async () => {
    const folder = makeFolder({ 'a/one': '' });
    symlinkSync('..', join(folder, 'a', 'up'));
    const { code, stderr } = await command(['walk', '--follow', folder]);
    assert.equal(code, 1);
    assert.match(stderr, /^async-iterable-bridge: ELOOP: /);
    const left = await command(['walk', '--follow', '--skip-errors', folder]);
    assert.equal(left.code, 0);
    assert.equal(left.stdout.split('\n').length - 1, 3);
    const message = 'async-iterable-bridge: what could not be read and is left out: 1\n';
    assert.equal(left.stderr, message);
  });
});

describe('bench', () => {
  it('prints a line for each way, the first of which the others are compared with', async () => {
    const items = await itemsOf(['bench', '--rounds', '1']);
    const firstOf = (name) => items.find(({ comparison }) => comparison === name);
    for (const name of ['lines', 'walk', 'range', 'channel']) {
      assert.equal(firstOf(name).timesAsFast, 1);
      const compared = items.filter(({ comparison }) => comparison === name);
      assert.ok(compared.length >= 2, name);
    }
    for (const { runtime, way, items: count, nanosecondsPerItem, timesAsFast } of items) {
      assert.match(runtime, /^(?:node|bun|deno) \d+\.\d+\.\d+ on \w+ \w+$/);
      assert.ok(count > 0 && nanosecondsPerItem > 0 && timesAsFast > 0, way);
    }
  });

  it('compares only what is named, in the directory that is given', async () => {
    const directory = makeFolder({ one: '', 'deeper/two': '' });
    const items = await itemsOf(['bench', 'walk', '--rounds', '2', '--directory', directory]);
    assert.deepEqual([...new Set(items.map(({ comparison }) => comparison))], ['walk']);
    for (const { items: count } of items) assert.equal(count, 3);
  });

  it('leaves no files behind, not even at Ctrl-C', { skip: isWindows }, async () => {
    const folder = makeFolder({});
    const { code, stdout, stderr } = await command(['bench', 'walk', 'range'], {
      env: { ...process.env, TMPDIR: folder },
      onSpawn: ({ pid, stdout }) => stdout.once('data', () => process.kill(pid, 'SIGINT')),
    });
    assert.deepEqual({ code, stderr }, { code: 130, stderr: '' });
    assert.match(stdout, /"walk"/);
    assert.doesNotMatch(stdout, /"range"/);
    assert.deepEqual(readdirSync(folder), []);
  });
});

describe('lines of JSON', () => {
  it('wait while their reader does not keep up', async () => {
    const reader = new PassThrough({ highWaterMark: 1 });
    const write = jsonLines(reader, new AbortController().signal);
    let hasWritten = false;
    const written = write([{ number: 1 }, { number: 2 }]).then(() => {
      hasWritten = true;
    });
    await new Promise(setImmediate);
    assert.equal(hasWritten, false);
    assert.equal(String(reader.read()), '{"number":1}\n{"number":2}\n');
    await written;
  });

  it('wait no longer when nobody wants them any more', async () => {
    const stop = new AbortController();
    const write = jsonLines(new PassThrough({ highWaterMark: 1 }), stop.signal);
    const written = write([1]);
    stop.abort();
    await assert.rejects(written, { name: 'AbortError' });
  });
});

describe('progress', () => {
  const terminal = () => {
    const shown = [];
    return { shown, columns: 10, write: (text) => shown.push(text) };
  };

  it('is one line of a terminal, as wide as that, which goes away', () => {
    const stream = terminal();
    const progress = new Progress(stream);
    progress.hide();
    progress.show('as many as there are');
    progress.show('that is too soon for another one');
    progress.hide();
    progress.hide();
    assert.deepEqual(stream.shown, ['\r\x1b[Kas many a', '\r\x1b[K']);
  });

  it('is not shown where there is no terminal', () => {
    const progress = new Progress(undefined);
    progress.show('nowhere');
    progress.hide();
  });
});
