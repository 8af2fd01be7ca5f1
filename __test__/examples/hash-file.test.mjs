// Runs the example that hashes files in a worker as a user runs it.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runProgram } from '../support/child.mjs';
import { makeFolder } from '../support/folder.mjs';

const isWindows = process.platform === 'win32';
const example = join('examples', 'hash-file.mjs');

/** A file without an end, so that only an interrupt ends the program. */
const ENDLESS = '/dev/zero';

function hashFiles(paths, options) {
  return runProgram([example, ...paths], options);
}

const sha256 = (content) => createHash('sha256').update(content).digest('hex');

/** Returns the line that the example prints for a file. Escapes backslashes, as in paths of Windows. */
function line(path) {
  const escaped = path.replaceAll('\\', '\\\\');
  return `${escaped === path ? '' : '\\'}${sha256(readFileSync(path))}  ${escaped}\n`;
}

describe('hash-file', () => {
  it('prints the digests in the order of the files, and nothing else in a pipe', async () => {
    const folder = makeFolder({
      empty: '',
      'three.txt': 'abc',
      'many-chunks.bin': Buffer.alloc(5_000_000, 'not a whole number of chunks'),
    });
    const paths = ['three.txt', 'many-chunks.bin', 'empty'].map((name) => join(folder, name));
    assert.deepEqual(await hashFiles(paths), {
      code: 0,
      signal: null,
      stdout: paths.map(line).join(''),
      stderr: '',
    });
  });

  it('takes the program that runs it by default', async () => {
    const { code, stdout } = await hashFiles([]);
    assert.deepEqual({ code, stdout }, { code: 0, stdout: line(process.execPath) });
  });

  it('escapes a path of several lines, as sha256sum does', { skip: isWindows }, async () => {
    const folder = makeFolder({ 'a\\b\nc\rd': 'abc' });
    const { stdout } = await hashFiles([join(folder, 'a\\b\nc\rd')]);
    assert.equal(stdout, `\\${sha256('abc')}  ${join(folder, 'a')}\\\\b\\nc\\rd\n`);
  });

  it('says which file cannot be read and why, and hashes the others', async () => {
    const folder = makeFolder({ one: '1', two: '2' });
    const [one, missing, two] = ['one', 'missing', 'two'].map((name) => join(folder, name));
    assert.deepEqual(await hashFiles([one, missing, folder, two]), {
      code: 1,
      signal: null,
      stdout: line(one) + line(two),
      stderr:
        `hash-file: ${missing}: ENOENT: no such file or directory, stat '${missing}'\n` +
        `hash-file: ${folder}: EISDIR: illegal operation on a directory, read\n`,
    });
  });

  it('stops at Ctrl-C with exit code 130 and keeps its output', { skip: isWindows }, async () => {
    const folder = makeFolder({ one: '1' });
    const one = join(folder, 'one');
    const outcome = await hashFiles([one, ENDLESS, one], {
      // Not `child.kill()`: Deno would then report that the signal ended the child.
      onSpawn: ({ pid, stdout }) => stdout.once('data', () => process.kill(pid, 'SIGINT')),
    });
    assert.deepEqual(outcome, { code: 130, signal: null, stdout: line(one), stderr: '' });
  });

  it('stops, quietly, when the reader of its output has left', { skip: isWindows }, async () => {
    const folder = makeFolder({ one: '1' });
    const { code, stderr } = await hashFiles([join(folder, 'one'), ENDLESS], {
      onSpawn: (child) => child.stdout.destroy(),
    });
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  });
});
