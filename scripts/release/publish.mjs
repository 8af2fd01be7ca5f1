// Publishes what `npm run pack -- --all` has laid out: `npm run release:publish`. A run that was cut off
// is run again: what is published is left alone. `-- --dry-run` publishes nothing.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { npmCommand } from '../npm.mjs';
import { root } from '../package/platforms.mjs';

const staged = join(root, '.cache', 'packages', 'staged');

function isPublished({ name, version }) {
  const { command, args, options } = npmCommand(['view', `${name}@${version}`, 'version']);
  const { error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (error) throw error;
  if (stdout.trim() === version) return true;
  if (stdout.trim() === '' && (stderr === '' || stderr.includes('E404'))) return false;
  throw new Error(`The registry does not say whether there is ${name} ${version}:\n${stderr}`);
}

function publish(folder, flags) {
  const npm = npmCommand(['publish', folder, '--access', 'public', ...flags]);
  const { error, status } = spawnSync(npm.command, npm.args, { stdio: 'inherit', ...npm.options });
  if (error) throw error;
  if (status !== 0) throw new Error(`${folder} is not published; what npm says is above`);
}

const flags = [];
if (process.argv.includes('--dry-run')) flags.push('--dry-run');
// Only a run of GitHub's has an identity that provenance can state.
else if (process.env.GITHUB_ACTIONS) flags.push('--provenance');
// The package itself comes last: whoever installs it finds its addons.
const isMain = (name) => Number(name === 'main');
const names = readdirSync(staged).sort((left, right) => isMain(left) - isMain(right));
for (const name of names) {
  const folder = join(staged, name);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (isPublished(manifest)) {
    process.stdout.write(`${manifest.name} ${manifest.version} is published\n`);
  } else {
    publish(folder, flags);
  }
}
