// Publishes the npm packages: `npm run release:publish`. It packs them itself, from the addons in npm/.
// It publishes nothing unless every platform has an addon that requires no more than is promised.
// An interrupted run can be repeated: packages already published are skipped. `-- --dry-run` publishes nothing.

import { spawnSync } from 'node:child_process';
import { npmCommand } from '../npm.mjs';
import { packForPublishing } from '../package/pack.mjs';

function isPublished({ name, version }) {
  const { command, args, options } = npmCommand(['view', `${name}@${version}`, 'version']);
  const { error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (error) throw error;
  if (stdout.trim() === version) return true;
  if (stdout.trim() === '' && (stderr === '' || stderr.includes('E404'))) return false;
  throw new Error(`The registry does not say whether there is ${name} ${version}:\n${stderr}`);
}

function publish({ name, folder }, flags) {
  const npm = npmCommand(['publish', folder, '--access', 'public', ...flags]);
  const { error, status } = spawnSync(npm.command, npm.args, { stdio: 'inherit', ...npm.options });
  if (error) throw error;
  if (status !== 0) throw new Error(`${name} is not published; what npm says is above`);
}

const { packages, problems } = packForPublishing({ isComplete: true });
if (problems.length > 0) {
  process.exitCode = 1;
} else {
  const flags = [];
  if (process.argv.includes('--dry-run')) flags.push('--dry-run');
  // Only a run on GitHub has an identity for a statement of provenance.
  else if (process.env.GITHUB_ACTIONS) flags.push('--provenance');
  // The package itself is published last, so that each user who installs it finds its addons.
  for (const packed of packages) {
    if (isPublished(packed))
      process.stdout.write(`${packed.name} ${packed.version} is published\n`);
    else publish(packed, flags);
  }
}
