// Checks that the tag of a release, the argument, is the tag of the version in every package and crate.
// Any pushed tag starts the workflow that publishes.

import { readdirSync, readFileSync } from 'node:fs';
import { filesOfOtherVersion } from './versions.mjs';

const tag = process.argv[2] ?? '';
const platformFolders = readdirSync('npm').map((name) => `npm/${name}`);
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const others = filesOfOtherVersion(version, platformFolders, (path) => readFileSync(path, 'utf8'));

const problems = others.map((path) => `${path} has another version than package.json, ${version}`);
if (tag !== `v${version}`)
  problems.push(`The tag of version ${version} is v${version}, not ${tag}`);
for (const problem of problems) process.stderr.write(`check-tag: ${problem}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;
