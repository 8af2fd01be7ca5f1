import { mkdirSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { walk as walkTree } from '../../../index.mjs';

const FOLDERS = 100;
const FILES_IN_EACH = 20;

function makeTree(root) {
  for (let folder = 0; folder < FOLDERS; folder++) {
    const path = join(root, `folder-${folder % 10}`, `folder-${folder}`);
    mkdirSync(path, { recursive: true });
    for (let file = 0; file < FILES_IN_EACH; file++) writeFileSync(join(path, `file-${file}`), '');
  }
  return root;
}

export async function walk(folder, { directory }) {
  const root = directory ?? makeTree(join(folder, 'tree'));
  return {
    title: `entries of ${directory ?? 'a temporary tree'}`,
    ways: [
      {
        way: 'fs.promises.readdir({ recursive, withFileTypes })',
        async work() {
          const entries = await readdir(root, { recursive: true, withFileTypes: true });
          const files = entries.filter((entry) => entry.isFile());
          return { items: entries.length, sum: files.length };
        },
      },
      {
        way: 'walk()',
        async work() {
          // Leaves out the root, which readdir does not return.
          let items = -1;
          let sum = 0;
          for await (const { type } of walkTree(root)) {
            items++;
            if (type === 'file') sum++;
          }
          return { items, sum };
        },
      },
    ],
  };
}
