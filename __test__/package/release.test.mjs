// The commands that prepare a release and check its tag, in a repository of their own.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { nextVersion, withRelease } from '../../scripts/release/versions.mjs';
import { projectRoot, runProgram } from '../support/child.mjs';
import { makeFolder } from '../support/folder.mjs';

const VERSIONED = [
  'CHANGELOG.md',
  'package.json',
  'package-lock.json',
  'Cargo.toml',
  'Cargo.lock',
  'examples/addon/Cargo.lock',
  'examples/addon/README.md',
  'crates/async-iterable-bridge/README.md',
  'docs/platforms.md',
  ...readdirSync(join(projectRoot, 'npm')).map((name) => `npm/${name}/package.json`),
];

const person = { NAME: 'A Person', EMAIL: 'person@example.com' };
const environment = {
  ...process.env,
  ...Object.fromEntries(Object.entries(person).map(([key, value]) => [`GIT_AUTHOR_${key}`, value])),
  ...Object.fromEntries(
    Object.entries(person).map(([key, value]) => [`GIT_COMMITTER_${key}`, value]),
  ),
};

/** Makes a repository with every file that contains the version. */
function makeRepository() {
  const folder = makeFolder(
    Object.fromEntries(VERSIONED.map((path) => [path, readFileSync(join(projectRoot, path))])),
  );
  const repository = {
    git(...args) {
      const options = { cwd: folder, env: environment, encoding: 'utf8' };
      const { status, stdout, stderr } = spawnSync('git', args, options);
      assert.equal(status, 0, stderr);
      return stdout;
    },
    commit: (subject) => repository.git('commit', '--quiet', '--allow-empty', '--message', subject),
    write: (path, text) => writeFileSync(join(folder, path), text),
    read: (path) => readFileSync(join(folder, path), 'utf8'),
    run: (script, ...args) =>
      runProgram([join(projectRoot, 'scripts/release', script), ...args], {
        cwd: folder,
        env: environment,
      }),
    release: (...args) => repository.run('release.mjs', ...args),
    checkTag: (tag) => repository.run('check-tag.mjs', tag),
  };
  repository.git('init', '--quiet', '--initial-branch=main');
  repository.git('add', '.');
  repository.commit('Begin');
  return repository;
}

describe('the next version', () => {
  it('follows from the present one', () => {
    assert.equal(nextVersion('1.2.3', 'patch'), '1.2.4');
    assert.equal(nextVersion('1.2.3', 'minor'), '1.3.0');
    assert.equal(nextVersion('1.2.3', 'major'), '2.0.0');
    assert.equal(nextVersion('1.2.3', '1.10.0'), '1.10.0');
  });

  it('is later than the present one', () => {
    for (const wanted of ['1.2.3', '1.2.2', '0.9.9', '1.2', 'v1.3.0', 'next', undefined]) {
      assert.throws(() => nextVersion('1.2.3', wanted), RangeError, wanted);
    }
  });

  it('may be the present one if that is the first to be released', () => {
    assert.equal(nextVersion('0.1.0', '0.1.0', { isFirst: true }), '0.1.0');
    assert.throws(() => nextVersion('0.1.0', '0.0.9', { isFirst: true }), RangeError);
  });
});

describe('the changelog', () => {
  const begun = '# Changelog\n\nWords.\n\n## [Unreleased]\n\n### Added\n\n- A\n';
  const first = { version: '1.0.0', date: '2026-01-01', subjects: [] };
  const second = { version: '1.1.0', date: '2026-01-02', subjects: ['C', 'B'] };

  it('has the newest release on top, below what is unreleased', () => {
    const oldest = '## [1.0.0] - 2026-01-01\n\n### Added\n\n- A\n';
    assert.equal(
      withRelease(begun, first),
      `# Changelog\n\nWords.\n\n## [Unreleased]\n\n${oldest}`,
    );
    assert.equal(
      withRelease(withRelease(begun, first), second),
      '# Changelog\n\nWords.\n\n## [Unreleased]\n\n' +
        `## [1.1.0] - 2026-01-02\n\n### Commits\n\n- C\n- B\n\n${oldest}`,
    );
  });

  it('has a section for what is unreleased', () => {
    assert.throws(() => withRelease('# Changelog\n', first), { message: /unreleased/ });
  });
});

describe('a release', () => {
  it('has its version everywhere, a changelog, a commit and a tag', async () => {
    const repository = makeRepository();
    assert.equal((await repository.release('7.0.1')).code, 0);
    repository.commit('Do one thing');
    repository.commit('Do another');
    const { code, stderr } = await repository.release('minor');
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });

    for (const path of VERSIONED.filter((path) => path.endsWith('package.json'))) {
      assert.equal(JSON.parse(repository.read(path)).version, '7.1.0', path);
    }
    const lock = JSON.parse(repository.read('package-lock.json'));
    assert.deepEqual([lock.version, lock.packages[''].version], ['7.1.0', '7.1.0']);
    const own = /async-iterable-bridge[\w-]*"?( = \{ version = |\nversion = )"([\d.]+)"/g;
    for (const path of ['Cargo.toml', 'Cargo.lock', 'examples/addon/Cargo.lock']) {
      const versions = Array.from(repository.read(path).matchAll(own), ([, , version]) => version);
      assert.ok(versions.length > 1, path);
      assert.deepEqual(new Set(versions), new Set(['7.1.0']), path);
    }
    for (const path of ['examples/addon/README.md', 'crates/async-iterable-bridge/README.md']) {
      assert.match(repository.read(path), /async-iterable-bridge = .*"7\.1"/, path);
    }
    const [newest] = repository.read('CHANGELOG.md').split('\n## [7.0.1]');
    assert.match(
      newest,
      /\n## \[Unreleased\]\n\n## \[7\.1\.0\] - [\d-]+\n\n### Commits\n\n- Do another\n- Do one thing\n$/,
    );
    assert.equal(repository.git('log', '-1', '--format=%s %(describe)'), 'Release 7.1.0 v7.1.0\n');
    assert.equal(repository.git('status', '--porcelain'), '');
  });

  it('is of the present version if it is the first', async () => {
    const repository = makeRepository();
    const { version } = JSON.parse(repository.read('package.json'));
    const { code, stderr } = await repository.release(version);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    assert.ok(repository.read('CHANGELOG.md').includes(`## [Unreleased]\n\n## [${version}] - `));
    assert.equal(repository.git('tag'), `v${version}\n`);
    repository.commit('Do one thing');
    const again = await repository.release(version);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /is not later than/);
  });

  it('is only told of in a dry run', async () => {
    const repository = makeRepository();
    const { code, stdout } = await repository.release('major', '--dry-run');
    assert.equal(code, 0);
    for (const path of VERSIONED) assert.ok(stdout.includes(path), path);
    assert.equal(repository.git('status', '--porcelain'), '');
    assert.equal(repository.git('tag'), '');
  });

  it('is not made of changes that are not committed, or of none', async () => {
    const repository = makeRepository();
    await repository.release('patch');
    const again = await repository.release('patch');
    assert.equal(again.code, 1);
    assert.match(again.stderr, /^release: Nothing has changed since v/);
    repository.write('new.txt', '');
    const changed = await repository.release('patch');
    assert.equal(changed.code, 1);
    assert.match(changed.stderr, /^release: Commit or remove your changes/);
  });

  it('is made on main alone', async () => {
    const repository = makeRepository();
    repository.git('checkout', '--quiet', '-b', 'other');
    const { code, stderr } = await repository.release('minor');
    assert.deepEqual(
      { code, stderr },
      { code: 1, stderr: 'release: Releases are made on main, not other.\n' },
    );
    repository.git('checkout', '--quiet', '--detach');
    assert.equal((await repository.release('minor')).code, 1);
    assert.equal(repository.git('tag'), '');
  });
});

describe('the tag of a release', () => {
  it('is that of the version', async () => {
    const repository = makeRepository();
    await repository.release('7.1.0');
    const { code, stderr } = await repository.checkTag('v7.1.0');
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    for (const tag of ['v7.2.0', '7.1.0', 'main', '']) {
      const refused = await repository.checkTag(tag);
      assert.equal(refused.code, 1, tag);
      assert.match(refused.stderr, /^check-tag: The tag of version 7\.1\.0 is v7\.1\.0, not /);
    }
  });

  it('is refused if a package or crate has another version', async () => {
    const repository = makeRepository();
    await repository.release('7.1.0');
    repository.write('Cargo.toml', repository.read('Cargo.toml').replaceAll('7.1.0', '7.0.9'));
    const { code, stderr } = await repository.checkTag('v7.1.0');
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^check-tag: Cargo\.toml has another version than package\.json, 7\.1\.0\n$/,
    );
  });
});
