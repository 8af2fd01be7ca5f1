// Runs the tools that a script needs.

import { spawnSync } from 'node:child_process';

/** A missing prerequisite, which the user has to provide. */
export class Missing extends Error {}

/** Runs a tool, which must succeed, and returns its output. */
export function mustRun(tool, args, options) {
  const { error, status, stdout, stderr } = spawnSync(tool, args, { encoding: 'utf8', ...options });
  if (error === undefined && status === 0) return stdout;
  throw new Missing(`\`${tool} ${args.join(' ')}\` fails: ${error?.message ?? stderr.trim()}`);
}
