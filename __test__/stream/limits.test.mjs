// Streams for which the system refuses a file descriptor or a thread fail with the error of the system, and later
// streams work.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { addonPath } from '../support/addon.mjs';
import { projectRoot, runScript, runtimeArguments } from '../support/child.mjs';
import { makeFolder } from '../support/folder.mjs';

const { EAGAIN, EMFILE } = constants.errno;
const isWindows = process.platform === 'win32';
const program = (name) => join(projectRoot, '__test__', 'programs', name);

describe('without file descriptors', { skip: isWindows }, () => {
  it('streams fail with EMFILE, and later ones work', async () => {
    const script = 'ulimit -n 60; run "$PROGRAM"';
    const variables = { PROGRAM: program('without-descriptors.mjs') };
    const { stdout, stderr } = await runScript(script, variables);
    assert.equal(stderr, '');
    const {
      without: { range, ...without },
      afterwards,
    } = JSON.parse(stdout);
    assert.equal(range, 'ended', 'a range needs none');
    for (const [name, ending] of Object.entries(without)) {
      assert.deepEqual(ending, { code: 'EMFILE', errno: -EMFILE }, name);
    }
    for (const [name, ending] of Object.entries(afterwards)) assert.equal(ending, 'ended', name);
  });
});

/** The id of a user without other processes. */
const USER = '61234';
const asUser = ['--reuid', USER, '--regid', USER, '--clear-groups'];

/** Returns the reason why a test cannot limit the threads of a program: those of the superuser have no limit. */
function whyNot() {
  if (process.platform !== 'linux') return 'limits of threads are set on Linux alone';
  const isNode = !globalThis.Bun && !process.versions.deno;
  if (!isNode) return 'Bun and Deno end the program when a thread of their own is refused';
  if (process.getuid() !== 0) return 'only the superuser can start programs of other users';
  if (spawnSync('prlimit', ['--version']).error) return 'prlimit is not installed';
  const files = [process.execPath, addonPath, program('limited.mjs')];
  const readable = files.every((file) => {
    return spawnSync('setpriv', [...asUser, 'test', '-r', file]).status === 0;
  });
  return readable ? false : 'the files of the tests cannot be read by other users';
}

const refused = {
  code: 'EAGAIN',
  errno: -EAGAIN,
  syscall: 'pthread_create',
  message: 'EAGAIN: resource temporarily unavailable, pthread_create',
};
const NAMES = ['readLines', 'walk', 'walkAlone', 'spawned', 'iterated', 'generator', 'request'];

/** Runs limited.mjs as another user. */
async function startLimited() {
  const home = makeFolder({});
  const child = spawn(
    'sh',
    ['-c', `exec setpriv ${asUser.join(' ')} "$RUNTIME" ${runtimeArguments.join(' ')} "$PROGRAM"`],
    {
      cwd: projectRoot,
      // Deno writes files of its own, and cannot without a home directory.
      env: {
        ...process.env,
        HOME: home,
        DENO_DIR: home,
        RUNTIME: process.execPath,
        PROGRAM: program('limited.mjs'),
      },
    },
  );
  spawnSync('chmod', ['777', home]);
  const ended = once(child, 'close');
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  assert.equal((await lines.next()).value, 'ready', stderr);
  const threads = () => readdirSync(`/proc/${child.pid}/task`).length;
  const [, most] = /^Max processes +\S+ +(\S+)/m.exec(
    readFileSync(`/proc/${child.pid}/limits`, 'utf8'),
  );
  const limit = (soft) => {
    const prlimit = ['prlimit', '--pid', String(child.pid), `--nproc=${soft}:`];
    const { status, stderr } = spawnSync('setpriv', [...asUser, ...prlimit]);
    assert.equal(status, 0, String(stderr));
  };
  return {
    /** Lets the program start `more` threads. */
    spare: (more) => limit(threads() + more),
    unlimit: () => limit(most),
    async settle(name) {
      child.stdin.write(`${name}\n`);
      const { value } = await lines.next();
      if (value === undefined) await ended;
      assert.ok(value, `the program ended by ${child.signalCode ?? child.exitCode}: ${stderr}`);
      return JSON.parse(value);
    },
    async end() {
      child.stdin.end();
      await ended;
      assert.equal(stderr, '');
      assert.equal(child.exitCode, 0);
    },
    kill: () => child.kill('SIGKILL'),
  };
}

describe('without threads', { skip: whyNot() }, () => {
  it('streams fail with EAGAIN, and later ones work', async () => {
    const limited = await startLimited();
    try {
      limited.spare(0);
      assert.deepEqual(await limited.settle('range'), { items: true }, 'a range needs none');
      for (const name of NAMES) assert.deepEqual(await limited.settle(name), refused, name);
      limited.unlimit();
      for (const name of NAMES) assert.deepEqual(await limited.settle(name), { items: true }, name);
      await limited.end();
    } finally {
      limited.kill();
    }
  });

  it('a walk fails with EAGAIN when one of its threads is refused', async () => {
    for (const spare of [1, 3]) {
      const limited = await startLimited();
      try {
        limited.spare(spare);
        assert.deepEqual(await limited.settle('walk'), refused, `${spare} threads`);
        limited.unlimit();
        assert.deepEqual(await limited.settle('walk'), { items: true });
        await limited.end();
      } finally {
        limited.kill();
      }
    }
  });

  it('every stream ends or fails, however few threads there are', async () => {
    for (const spare of [1, 2, 3, 4]) {
      const limited = await startLimited();
      try {
        limited.spare(spare);
        for (const name of NAMES) {
          const ending = await limited.settle(name);
          if (!ending.items) assert.deepEqual(ending, refused, `${name} with ${spare} threads`);
        }
        limited.unlimit();
        for (const name of NAMES)
          assert.deepEqual(await limited.settle(name), { items: true }, name);
        await limited.end();
      } finally {
        limited.kill();
      }
    }
  });
});
