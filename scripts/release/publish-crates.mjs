// Publishes the crates: `npm run release:publish-crates`. An interrupted run can be repeated: crates
// already published are skipped. `-- --dry-run` publishes nothing.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../package/platforms.mjs';
import { CRATES, publishCrates } from './crates.mjs';

function cargo(args, options) {
  const result = spawnSync('cargo', args, { cwd: root, ...options });
  if (result.error) throw result.error;
  return result;
}

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const flags = process.argv.includes('--dry-run') ? ['--dry-run'] : [];
const published = publishCrates(version, flags, {
  ask: (args) => cargo(args, { encoding: 'utf8' }),
  publish: (args) => cargo(args, { stdio: 'inherit' }),
});
for (const name of CRATES.filter((name) => !published.includes(name))) {
  process.stdout.write(`${name} ${version} is published\n`);
}
