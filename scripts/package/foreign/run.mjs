// Runs the addons that `npm run build:platforms` has made for Linux, each on a system of its platform:
// `npm run test:platforms`, on Debian on x64. npm installs the packages as it would on that platform.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Missing } from '../../run.mjs';
import { packAll } from '../pack.mjs';
import { MAIN_PACKAGE, PLATFORMS } from '../platforms.mjs';
import { makeProject } from '../project.mjs';
import { startRegistry } from '../registry.mjs';
import { SYSTEMS } from './systems.mjs';

const program = readFileSync(fileURLToPath(new URL('program.mjs', import.meta.url)), 'utf8');

async function runOn({ name, manifest }, registry) {
  const [command, ...args] = SYSTEMS[name]();
  const project = makeProject();
  try {
    const [os, cpu] = name.split('-');
    const platform = [`--os=${os}`, `--cpu=${cpu}`, `--libc=${manifest.libc[0]}`];
    await project.npm('install', MAIN_PACKAGE, ...platform, `--registry=${registry.address}`);
    project.write('program.mjs', program);
    const output = await project.run(command, [...args, 'program.mjs']);
    process.stdout.write(output);
    return output.trim().endsWith(manifest.main);
  } finally {
    project.remove();
  }
}

const packages = packAll('packages-to-test', { takesLocal: false });
const isBuilt = ({ manifest }) => packages.some(({ name }) => name === manifest.name);
const platforms = PLATFORMS.filter(({ name }) => SYSTEMS[name] !== undefined);
const registry = await startRegistry(packages);
try {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Missing('The systems that this script fetches are for Linux on x64.');
  }
  const missing = platforms.filter((platform) => !isBuilt(platform));
  if (missing.length > 0) {
    throw new Missing(
      `Run \`npm run build:platforms -- ${missing.map(({ name }) => name).join(' ')}\`.`,
    );
  }
  for (const platform of platforms) {
    if (!(await runOn(platform, registry)))
      throw new Missing(`${platform.name} has loaded another addon.`);
  }
} catch (error) {
  if (!(error instanceof Missing)) throw error;
  process.stderr.write(`platforms: ${error.message}\n`);
  process.exitCode = 1;
} finally {
  registry.close();
}
