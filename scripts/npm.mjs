// Runs npm and returns its output.

import { spawnSync } from 'node:child_process';

/** Returns the command that starts npm. npm states its own path; without it, Windows starts npm only by a shell. */
export function npmCommand(args) {
  const program = process.env.npm_execpath;
  if (program?.endsWith('npm-cli.js')) {
    return { command: process.execPath, args: [program, ...args], options: {} };
  }
  return { command: 'npm', args, options: { shell: process.platform === 'win32' } };
}

export function runNpm(args, options) {
  const npm = npmCommand(args);
  const { error, status, stdout, stderr } = spawnSync(npm.command, npm.args, {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    ...npm.options,
    ...options,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`\`npm ${args.join(' ')}\` fails:\n${stdout}${stderr}`);
  return stdout;
}
