// Runs the example behind `npm start` as a user runs it.

import assert from 'node:assert/strict';
import { chmodSync, linkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runProgram } from '../support/child.mjs';
import { makeFolder } from '../support/folder.mjs';

const isWindows = process.platform === 'win32';
const example = join('examples', 'count-lines.mjs');

function countLines(args, options) {
  return runProgram([example, ...args], options);
}

/** Returns the table as an object: the cells of each row by its label. */
function parseTable(text) {
  const [header, ...rows] = text.slice(0, text.indexOf('\n\n')).split('\n');
  assert.match(header, /^extension +files +lines +bytes$/);
  const cells = rows.map((row) => row.split(/ {2,}/));
  return Object.fromEntries(cells.map(([label, ...counts]) => [label, counts]));
}

describe('count-lines', () => {
  it('prints files, lines and bytes by extension, and nothing else in a pipe', async () => {
    const folder = makeFolder({
      'one.txt': 'a\nb\nc\n',
      'two.txt': 'a\r\nb, without a newline',
      'deeper/three.md': '# Heading\n',
      Makefile: 'all:\n',
      'empty.log': '',
      'picture.png': new Uint8Array([137, 80, 78, 71, 0, 10, 0, 10]),
      '.hidden.md': '1\n2\n',
    });
    const { code, stdout, stderr } = await countLines([folder]);
    assert.deepEqual(parseTable(stdout), {
      '.txt': ['2', '5', '29'],
      '.md': ['2', '3', '14'],
      '(none)': ['1', '1', '5'],
      '.log': ['1', '0', '0'],
      'all text files': ['6', '9', '48'],
      'not text': ['1', '', '8'].filter(Boolean),
    });
    assert.match(stdout, /^\d+\.\d\d s: [\d,]+ files\/s, [\d,]+ lines\/s, [\d,.]+ MB\/s$/m);
    assert.match(stdout, /^peak memory [\d,.]+ MiB$/m);
    assert.match(stdout, /^longest hold of the event loop [\d,.]+ ms$/m);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  });

  it('takes the project itself by default, without what .gitignore leaves out', async () => {
    const { code, stdout } = await countLines([]);
    const table = parseTable(stdout);
    assert.equal(code, 0);
    assert.ok('.rs' in table && '.mjs' in table, stdout);
    assert.ok(!('.rlib' in table) && !('.rmeta' in table), stdout);
  });

  it('counts a single file', async () => {
    const folder = makeFolder({ 'one.txt': 'a\nb\n' });
    const { stdout } = await countLines([join(folder, 'one.txt')]);
    assert.deepEqual(parseTable(stdout)['.txt'], ['1', '2', '4']);
  });

  it('takes a line of more than 8 MiB for no text', async () => {
    const folder = makeFolder({ 'long.txt': 'x'.repeat(9 * 1024 * 1024) });
    const { code, stdout } = await countLines([folder]);
    assert.equal(parseTable(stdout)['not text'][0], '1');
    assert.equal(code, 0);
  });

  it('counts unreadable files and goes on', { skip: isWindows }, async () => {
    const folder = makeFolder({ 'locked.txt': 'a\n', 'open.txt': 'a\n' });
    chmodSync(join(folder, 'locked.txt'), 0);
    // No file is locked for root, but no process has the beginning of its memory mapped.
    const isRoot = process.getuid() === 0;
    const { code, stdout } = await countLines([isRoot ? '/proc/self/mem' : folder]);
    const [label] = Object.keys(parseTable(stdout)).filter((row) => row.startsWith('unreadable'));
    assert.equal(label, isRoot ? 'unreadable: EIO' : 'unreadable: EACCES');
    assert.equal(code, 0);
  });

  it('reports a directory that does not exist', async () => {
    const { code, stdout, stderr } = await countLines(['no-such-directory']);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      /^count-lines: ENOENT: no such file or directory, .*'no-such-directory'\n$/,
    );
    assert.equal(code, 1);
  });

  it('stops at Ctrl-C with the partial table and exit code 130', { skip: isWindows }, async () => {
    const files = 500;
    const folder = makeFolder({ '0.txt': 'a line of text\n'.repeat(1e6) });
    for (let name = 1; name < files; name += 1) {
      linkSync(join(folder, '0.txt'), join(folder, `${name}.txt`));
    }
    const interrupted = join('__test__', 'programs', 'interrupted-count-lines.mjs');
    const { code, signal, stdout, stderr } = await runProgram([interrupted, folder]);
    assert.deepEqual({ code, signal, stderr }, { code: 130, signal: null, stderr: '' });
    assert.match(stdout, /^Interrupted: /m);
    const [counted] = parseTable(stdout)['all text files'];
    assert.ok(Number(counted) < files, `${counted} files had been counted`);
  });

  it('is quiet when the reader of its output leaves', async () => {
    const folder = makeFolder({ 'one.txt': 'a\n' });
    const { code, stderr } = await countLines([folder], {
      onSpawn: (child) => child.stdout.destroy(),
    });
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  });
});
