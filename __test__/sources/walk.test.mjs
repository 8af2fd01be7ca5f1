// The entries that walk finds, and its treatment of entries that it cannot read.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, lstatSync, readdirSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import { constants } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { walk } from 'async-iterable-bridge';
import { projectRoot } from '../support/child.mjs';
import { makeFolder } from '../support/folder.mjs';
import { expectNoHandles } from '../support/handles.mjs';
import { until } from '../support/scripted-streams.mjs';

expectNoHandles();

const isWindows = process.platform === 'win32';
const isLinux = process.platform === 'linux';

async function collect(stream) {
  const entries = [];
  for await (const entry of stream) entries.push(entry);
  return entries;
}

/** Returns the paths below the root, sorted, with slashes. */
async function pathsIn(root, options) {
  const entries = await collect(walk(root, options));
  return entries
    .map(({ path }) => relative(root, path).replaceAll('\\', '/'))
    .filter((path) => path !== '')
    .sort();
}

async function failureOf(stream) {
  const entries = [];
  try {
    for await (const entry of stream) entries.push(entry);
  } catch (error) {
    return { entries, error };
  }
  throw new assert.AssertionError({ message: 'The walk did not fail' });
}

const tree = makeFolder({
  'one.txt': '1',
  'deep/deeper/two.txt': '22',
  'deep/three.txt': '333',
  '.hidden/four.txt': '4444',
  '.dotfile': '',
});

describe('walk', () => {
  it('finds everything below its root', async () => {
    assert.deepEqual(await pathsIn(tree), [
      '.dotfile',
      '.hidden',
      '.hidden/four.txt',
      'deep',
      'deep/deeper',
      'deep/deeper/two.txt',
      'deep/three.txt',
      'one.txt',
    ]);
  });

  it('finds what readdir finds in a large tree', async () => {
    const root = join(projectRoot, 'node_modules', '@types');
    const expected = readdirSync(root, { recursive: true }).map((path) =>
      path.replaceAll('\\', '/'),
    );
    assert.deepEqual(await pathsIn(root), expected.sort());
  });

  it('gives entries of path, name, depth and type, in this order', async () => {
    const entries = await collect(walk(join(tree, 'deep')));
    for (const entry of entries) {
      assert.deepEqual(Object.keys(entry), ['path', 'name', 'depth', 'type']);
      assert.equal(entry.name, basename(entry.path));
      assert.equal(
        entry.depth,
        relative(join(tree, 'deep'), entry.path).split(/[\\/]/).filter(Boolean).length,
      );
    }
    const two = entries.find(({ name }) => name === 'two.txt');
    const path = join(tree, 'deep', 'deeper', 'two.txt');
    assert.deepEqual(two, { path, name: 'two.txt', depth: 2, type: 'file' });
  });

  it('begins with the root, at depth 0', async () => {
    const [first] = await collect(walk(tree));
    assert.deepEqual(first, { path: tree, name: basename(tree), depth: 0, type: 'directory' });
  });

  it('gives a directory before what is in it', async () => {
    const wide = makeFolder(
      Object.fromEntries(
        Array.from({ length: 2000 }, (_, index) => [`${index % 40}/${index % 7}/${index}`, '']),
      ),
    );
    for (const threads of [1, 2, 8]) {
      const seen = new Set();
      for (const { path } of await collect(walk(wide, { threads }))) {
        assert.ok(path === wide || seen.has(dirname(path)), path);
        seen.add(path);
      }
      assert.equal(seen.size, 1 + 40 + 40 * 7 + 2000);
    }
  });

  it('begins paths as the root was given', async () => {
    const given = relative(process.cwd(), projectRoot) || '.';
    const entries = await collect(walk(join(given, 'src')));
    assert.ok(entries.every(({ path }) => path.startsWith(join(given, 'src'))));
  });

  it('takes a file as its root, too', async () => {
    const root = join(tree, 'one.txt');
    assert.deepEqual(await collect(walk(root)), [
      { path: root, name: 'one.txt', depth: 0, type: 'file' },
    ]);
  });

  it('takes separators at the end of its root for granted', async () => {
    const entries = await collect(walk(`${join(tree, 'deep')}/`));
    assert.equal(entries[0].name, 'deep');
    assert.deepEqual(
      entries.map(({ path }) => path).sort(),
      (await collect(walk(join(tree, 'deep')))).map(({ path }) => path).sort(),
    );
  });

  it('is the same in batches', async () => {
    const batches = await collect(walk(tree).batches());
    assert.equal(batches.flat().length, 9);
  });

  it('does with a buffer of one entry', async () => {
    assert.equal((await collect(walk(tree, { capacity: 1 }))).length, 9);
  });
});

describe('options', () => {
  it('maxDepth bounds the levels below the root', async () => {
    assert.deepEqual(await pathsIn(tree, { maxDepth: 0 }), []);
    assert.deepEqual(await pathsIn(tree, { maxDepth: 1 }), [
      '.dotfile',
      '.hidden',
      'deep',
      'one.txt',
    ]);
    assert.equal((await pathsIn(tree, { maxDepth: Number.POSITIVE_INFINITY })).length, 8);
  });

  it('hidden: false leaves out names that begin with a dot, and what is below', async () => {
    assert.deepEqual(await pathsIn(tree, { hidden: false }), [
      'deep',
      'deep/deeper',
      'deep/deeper/two.txt',
      'deep/three.txt',
      'one.txt',
    ]);
    const root = join(tree, '.hidden');
    assert.deepEqual(await pathsIn(root, { hidden: false }), ['four.txt']);
  });

  it('gitignore leaves out what .gitignore files exclude, only if it is set', async () => {
    const root = makeFolder({
      '.gitignore': '*.log\nbuild/\n!keep.log\n',
      'a.txt': '',
      'a.log': '',
      'keep.log': '',
      'build/out.txt': '',
      'inner/.gitignore': 'b.txt\n',
      'inner/b.txt': '',
      'inner/c.txt': '',
    });
    assert.deepEqual(await pathsIn(root, { gitignore: true }), [
      '.gitignore',
      'a.txt',
      'inner',
      'inner/.gitignore',
      'inner/c.txt',
      'keep.log',
    ]);
    assert.equal((await pathsIn(root)).length, 10);
    // The files of the directories above count, too.
    assert.deepEqual(await pathsIn(join(root, 'inner'), { gitignore: true }), [
      '.gitignore',
      'c.txt',
    ]);
  });

  it('gitignore takes rules that begin with a slash from where they stand', async () => {
    const root = makeFolder({
      '.gitignore': '/top\n/inner/deep/out\n',
      top: '',
      'inner/.gitignore': '/top\n',
      'inner/top': '',
      'inner/deep/top': '',
      'inner/deep/out/x': '',
    });
    const rest = ['.gitignore', 'inner', 'inner/.gitignore', 'inner/deep', 'inner/deep/top'];
    assert.deepEqual(await pathsIn(root, { gitignore: true }), rest);
    assert.deepEqual(await pathsIn(join(root, 'inner', 'deep'), { gitignore: true }), ['top']);
    symlinkSync(join(root, 'inner'), join(root, 'link'), 'junction');
    const linked = await pathsIn(join(root, 'link'), { gitignore: true });
    assert.deepEqual(linked, ['.gitignore', 'deep', 'deep/top']);
  });

  it('gitignore passes over patterns that make no sense', async () => {
    const root = makeFolder({ '.gitignore': 'a{b\n*.log\n', 'a.log': '', 'inner/x': '' });
    const rest = ['.gitignore', 'inner', 'inner/x'];
    assert.deepEqual(await pathsIn(root, { gitignore: true }), rest);
    assert.deepEqual(await pathsIn(join(root, 'inner'), { gitignore: true }), ['x']);
  });

  it('stat adds size and modified', async () => {
    const root = makeFolder({ 'some.txt': 'twelve bytes' });
    const path = join(root, 'some.txt');
    utimesSync(path, 1_600_000_000.123, 1_600_000_000.987);
    const entries = await collect(walk(root, { stat: true }));
    for (const entry of entries) {
      const keys = ['path', 'name', 'depth', 'type', 'size', 'modified'];
      assert.deepEqual(Object.keys(entry), keys);
      const stats = lstatSync(entry.path);
      assert.equal(entry.size, stats.size);
      // Deno and Bun cut off parts of a millisecond where Node rounds.
      const { bun, deno } = process.versions;
      const tolerance = bun || deno ? 1 : 0;
      assert.ok(Math.abs(entry.modified - stats.mtime) <= tolerance);
    }
    assert.equal(entries.length, 2);
  });

  it('threads may be any number', async () => {
    for (const threads of [1, 3, 16]) {
      assert.equal((await collect(walk(tree, { threads }))).length, 9);
    }
  });
});

describe('symbolic links', { skip: isWindows }, () => {
  const root = makeFolder({ 'real/file.txt': '12345' });
  symlinkSync('real', join(root, 'link'));
  symlinkSync(join('real', 'file.txt'), join(root, 'file'));
  const typesIn = async (options) => {
    const entries = await collect(walk(root, options));
    return Object.fromEntries(entries.map(({ path, type }) => [relative(root, path), type]));
  };

  it('are entries of their own', async () => {
    assert.deepEqual(await typesIn(), {
      '': 'directory',
      real: 'directory',
      'real/file.txt': 'file',
      link: 'symlink',
      file: 'symlink',
    });
  });

  it('are what they point to with followSymlinks', async () => {
    assert.deepEqual(await typesIn({ followSymlinks: true }), {
      '': 'directory',
      real: 'directory',
      'real/file.txt': 'file',
      link: 'directory',
      'link/file.txt': 'file',
      file: 'file',
    });
  });

  it('have a size of their own, or of what they point to', async () => {
    const sizeOf = async (options) => {
      const entries = await collect(walk(root, { ...options, stat: true }));
      return entries.find(({ name }) => name === 'file').size;
    };
    assert.equal(await sizeOf(), lstatSync(join(root, 'file')).size);
    assert.equal(await sizeOf({ followSymlinks: true }), statSync(join(root, 'file')).size);
    // Whole seconds, because they are rounded in two ways, see above.
    utimesSync(join(root, 'link'), 1e9, 1e9);
    const [entry] = await collect(walk(join(root, 'link'), { stat: true }));
    assert.deepEqual(entry.modified, statSync(join(root, 'link')).mtime);
    assert.equal(entry.size, statSync(join(root, 'link')).size);
  });

  it('are followed at the root', async () => {
    assert.deepEqual(await pathsIn(join(root, 'link')), ['file.txt']);
  });

  it('that lead back are a loop, and the error names both directories', async () => {
    const loop = makeFolder({ 'inner/file.txt': '' });
    symlinkSync('..', join(loop, 'inner', 'back'));
    const { error } = await failureOf(walk(loop, { followSymlinks: true }));
    assert.equal(error.code, 'ELOOP');
    assert.equal(error.errno, -constants.errno.ELOOP);
    assert.equal(error.path, join(loop, 'inner', 'back'));
    assert.ok(error.message.includes(`'${join(loop, 'inner', 'back')}'`), error.message);
    assert.ok(error.message.includes(`'${loop}'`), error.message);
    const skipping = walk(loop, { followSymlinks: true, errors: 'skip' });
    assert.equal((await collect(skipping)).length, 3);
    assert.equal(skipping.stats.skipped, 1);
  });

  it('that point to nothing are links even when links are followed', async () => {
    const broken = makeFolder({});
    symlinkSync('nowhere', join(broken, 'link'));
    for (const stat of [false, true]) {
      const entries = await collect(walk(broken, { followSymlinks: true, stat }));
      assert.deepEqual(
        entries.map(({ name, type }) => [name, type]),
        [
          [basename(broken), 'directory'],
          ['link', 'symlink'],
        ],
      );
    }
  });
});

describe('names', { skip: !isLinux }, () => {
  it('that are not UTF-8 do not stop the walk', async () => {
    const root = makeFolder({ 'before/x': '', 'zafter/x': '' });
    const bytes = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));
    // A shell makes them, because Deno would make a path of bytes UTF-8.
    const script = 'd=$(printf "m\\377"); mkdir "$d"; : > "$d/$(printf "n\\376")"';
    spawnSync('sh', ['-c', script], { cwd: root });
    assert.deepEqual(await pathsIn(root), [
      'before',
      'before/x',
      'm\uFFFD',
      'm\uFFFD/n\uFFFD',
      'zafter',
      'zafter/x',
    ]);
    const entries = await collect(walk(bytes(root, '/m', [0xff])));
    assert.deepEqual(
      entries.map(({ name }) => name),
      ['m\uFFFD', 'n\uFFFD'],
    );
  });

  it('of any characters are kept', async () => {
    const names = ['a\nb', 'é', '漢字', '😀'];
    const root = makeFolder(Object.fromEntries(names.map((name) => [name, ''])));
    const entries = (await collect(walk(root))).slice(1);
    assert.deepEqual(entries.map(({ name }) => name).sort(), names.sort());
    for (const { path, name } of entries) assert.equal(path, join(root, name));
  });
});

describe('what is neither file, directory nor link', { skip: isWindows }, () => {
  it("has the type 'other'", async () => {
    const root = makeFolder({});
    assert.equal(spawnSync('mkfifo', [join(root, 'fifo')]).status, 0);
    const entries = await collect(walk(root));
    assert.equal(entries.find(({ name }) => name === 'fifo').type, 'other');
  });
});

describe('errors', () => {
  it('name the caller in their stack', async () => {
    const walkMissing = () => failureOf(walk(join(tree, 'missing')));
    const { error } = await walkMissing();
    assert.match(error.stack, /walkMissing.*walk\.test\.mjs/);
    assert.doesNotMatch(error.stack, /NativeSource|index\.js/);
  });

  it('a missing root fails, worded as Node words it, even if errors are skipped', async () => {
    const root = join(tree, 'missing');
    for (const errors of ['throw', 'skip']) {
      const stream = walk(root, { errors });
      const { entries, error } = await failureOf(stream);
      assert.deepEqual(entries, []);
      assert.equal(error.code, 'ENOENT');
      assert.equal(error.errno, isWindows ? -4058 : -constants.errno.ENOENT);
      assert.equal(error.syscall, 'scandir');
      assert.equal(error.path, root);
      assert.equal(error.message, `ENOENT: no such file or directory, scandir '${root}'`);
      assert.deepEqual(await stream.next(), { value: undefined, done: true });
    }
  });

  it('a root below a file is refused', { skip: isWindows }, async () => {
    const { error } = await failureOf(walk(join(tree, 'one.txt', 'below')));
    assert.equal(error.code, 'ENOTDIR');
  });

  // A link to itself is an error for every user, also for the superuser, who has all permissions.
  it('end the walk, or are skipped and counted', { skip: isWindows }, async () => {
    const root = makeFolder({ 'fine/x': '' });
    symlinkSync('self', join(root, 'self'));
    const { error } = await failureOf(walk(root, { followSymlinks: true }));
    assert.equal(error.code, 'ELOOP');
    assert.equal(error.path, join(root, 'self'));
    const stream = walk(root, { followSymlinks: true, errors: 'skip' });
    assert.deepEqual(
      (await collect(stream))
        .map(({ name }) => name)
        .slice(1)
        .sort(),
      ['fine', 'x'],
    );
    assert.equal(stream.stats.skipped, 1);
  });

  it('are directories without permission', { skip: isWindows }, async () => {
    const root = makeFolder({ 'closed/x': '', 'open/y': '' });
    chmodSync(join(root, 'closed'), 0);
    try {
      const stream = walk(root, { errors: 'skip' });
      const names = (await collect(stream)).map(({ name }) => name);
      const isSuperuser = process.getuid() === 0;
      assert.equal(names.includes('x'), isSuperuser);
      assert.equal(stream.stats.skipped, isSuperuser ? 0 : 1);
      assert.ok(names.includes('closed') && names.includes('y'));
      if (!isSuperuser) {
        const { error } = await failureOf(walk(root));
        assert.equal(error.code, 'EACCES');
        assert.equal(error.syscall, 'scandir');
        assert.equal(error.path, join(root, 'closed'));
      }
    } finally {
      chmodSync(join(root, 'closed'), 0o755);
    }
  });
});

describe('a walk that is left', () => {
  it('stops', async () => {
    const stream = walk(join(projectRoot, 'node_modules'), { capacity: 16 });
    for await (const entry of stream) {
      assert.equal(entry.depth, 0);
      break;
    }
    const { state, pushed } = stream.stats;
    assert.equal(state, 'cancelled');
    assert.ok(pushed <= 1 + 2 * 16, `${pushed} entries were pushed`);
    await until(() => stream.stats.pushed === pushed);
  });

  it('gives its first entry long before its last', async () => {
    const stream = walk(join(projectRoot, 'node_modules'), { capacity: 16 });
    await stream.next();
    assert.equal(stream.stats.state, 'open');
    await stream.return();
  });
});

describe('a root', () => {
  it('may be named like a dash', { skip: isWindows }, () => {
    const root = makeFolder({ '-/x': '' });
    const program = `
      const { walk } = require(${JSON.stringify(join(projectRoot, 'index.js'))});
      (async () => {
        const paths = [];
        for await (const { path } of walk('-')) paths.push(path);
        console.log(JSON.stringify(paths));
      })();`;
    const flags = process.versions.deno ? ['eval'] : ['-e'];
    const { stdout, stderr } = spawnSync(process.execPath, [...flags, program], {
      cwd: root,
      encoding: 'utf8',
    });
    assert.deepEqual(JSON.parse(stdout), ['-', '-/x'], stderr);
  });
});
