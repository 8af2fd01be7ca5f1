/** The runtime that the benchmarks run on, and how another process of it is started. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

function nameAndVersion() {
  if (globalThis.Bun !== undefined) return ['bun', globalThis.Bun.version];
  if (globalThis.Deno !== undefined) return ['deno', globalThis.Deno.version.deno];
  return ['node', process.versions.node];
}

const [name, version] = nameAndVersion();

/** Such as `node-20`: what kept results are named for. */
export const runtimeName = `${name}-${version.split('.')[0]}`;

// Without it, `node:stream/iter` is not there.
const STREAM_ITER = '--experimental-stream-iter';

function runtimeArguments() {
  if (name === 'deno') return ['run', '-A'];
  if (name === 'bun') return [];
  return process.allowedNodeEnvironmentFlags.has(STREAM_ITER)
    ? [STREAM_ITER, '--disable-warning=ExperimentalWarning']
    : [];
}

/** Runs a module of this folder in a process of its own. Its standard output is returned if piped. */
export function runModule(module, args, stdio) {
  const path = fileURLToPath(new URL(module, import.meta.url));
  const { status, signal, stdout } = spawnSync(
    process.execPath,
    [...runtimeArguments(), path, ...args],
    { stdio, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${module} ${args.join(' ')} ended with ${status ?? signal}`);
  return stdout;
}
