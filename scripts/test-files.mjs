// Finds the JavaScript tests. Node 20 has no globs for `--test`, and the globs of shells differ.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const folder = '__test__';

/** Returns every __test__/**\/*.test.mjs, or those whose path contains one of `wanted`. */
export function testFiles(wanted = []) {
  return readdirSync(join(root, folder), { recursive: true })
    .filter((name) => name.endsWith('.test.mjs'))
    .map((name) => join(folder, name))
    .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
    .sort();
}
