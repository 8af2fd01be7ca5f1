// Running the tools that a script needs.

import { spawnSync } from 'node:child_process';

/** Something that the user has to do something about. */
export class Missing extends Error {}

/** Runs a tool, which must succeed, and gives what it prints. */
export function mustRun(tool, args, options) {
  const { error, status, stdout, stderr } = spawnSync(tool, args, { encoding: 'utf8', ...options });
  if (error === undefined && status === 0) return stdout;
  throw new Missing(`\`${tool} ${args.join(' ')}\` fails: ${error?.message ?? stderr.trim()}`);
}
