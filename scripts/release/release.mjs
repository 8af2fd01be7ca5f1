// Prepares a release in the working folder: `npm run release -- minor`, or patch, major or a version.
// It writes the version into every file that has one, and above the unreleased entries of the changelog.
// Below them it lists the commits since the last tag. Then it commits and tags. Pushing the tag publishes
// the release. `--dry-run` only prints what would be written.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Missing, mustRun } from '../run.mjs';
import { nextVersion, withRelease, withVersion } from './versions.mjs';

const CHANGELOG = 'CHANGELOG.md';

const git = (...args) => mustRun('git', args).trim();
const read = (path) => readFileSync(path, 'utf8');

/** Returns the tag of the last release, or an empty string before the first release. */
const lastTag = () => git('tag', '--list', 'v*', '--sort=-version:refname').split('\n')[0];

/** Returns the subjects of the commits since the last release; before the first, there is nothing to compare with. */
function subjectsSince(tag) {
  if (tag === '') return [];
  const output = git('log', '--no-merges', '--format=%s', `${tag}..HEAD`);
  if (output === '') throw new Missing(`Nothing has changed since ${tag}.`);
  return output.split('\n');
}

function release(wanted, isDryRun) {
  if (git('status', '--porcelain') !== '')
    throw new Missing('Commit or remove your changes first.');
  const branch = git('branch', '--show-current');
  if (branch !== 'main')
    throw new Missing(`Releases are made on main, not ${branch || 'a commit'}.`);
  const tag = lastTag();
  const { version: current } = JSON.parse(read('package.json'));
  const version = nextVersion(current, wanted, { isFirst: tag === '' });
  const platformFolders = readdirSync('npm').map((name) => `npm/${name}`);
  const files = withVersion(version, platformFolders, read);
  const date = new Date().toISOString().slice(0, 10);
  const entry = { version, date, subjects: subjectsSince(tag) };
  files.push({ path: CHANGELOG, text: withRelease(read(CHANGELOG), entry) });
  process.stdout.write(`${version}\n${files.map(({ path }) => `  ${path}\n`).join('')}`);
  if (isDryRun) return;
  for (const { path, text } of files) writeFileSync(path, text);
  git('add', ...files.map(({ path }) => path));
  git('commit', '--quiet', '--message', `Release ${version}`);
  git('tag', '--annotate', `v${version}`, '--message', `Release ${version}`);
  process.stdout.write(`Publish it by \`git push --follow-tags\`.\n`);
}

const args = process.argv.slice(2);
try {
  release(
    args.find((argument) => !argument.startsWith('--')),
    args.includes('--dry-run'),
  );
} catch (error) {
  if (!(error instanceof Missing || error instanceof RangeError)) throw error;
  process.stderr.write(`release: ${error.message}\n`);
  process.exitCode = 1;
}
