// Checks that every relative link of every Markdown document has a target: a file or folder of the
// project, and a heading if the link names one.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { walk } from '../index.mjs';
import { anchorsOf, linksOf } from './links/markdown.mjs';

const HAS_SCHEME = /^[a-z][a-z\d+.-]*:/i;

const root = fileURLToPath(new URL('..', import.meta.url));

function isBroken(document, target) {
  const [path, fragment] = decodeURI(target).split('#');
  const file = path === '' ? document : join(dirname(document), path);
  if (relative(root, file).startsWith('..') || !existsSync(file)) return true;
  if (fragment === undefined || extname(file) !== '.md') return false;
  return !anchorsOf(readFileSync(file, 'utf8')).has(fragment);
}

let checked = 0;
let broken = 0;
for await (const { path, type } of walk(root, { gitignore: true, hidden: false })) {
  if (type !== 'file' || extname(path) !== '.md') continue;
  for (const { line, target } of linksOf(readFileSync(path, 'utf8'))) {
    if (HAS_SCHEME.test(target)) continue;
    checked++;
    if (!isBroken(path, target)) continue;
    broken++;
    process.stderr.write(`${relative(root, path)}:${line}: there is no ${target}\n`);
  }
}
process.stdout.write(`${checked} links, ${broken} broken\n`);
process.exitCode = checked > 0 && broken === 0 ? 0 : 1;
