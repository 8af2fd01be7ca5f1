/** The runtime of the benchmarks, and the way to start another process of it. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

function nameAndVersion() {
  if (globalThis.Bun !== undefined) return ['bun', globalThis.Bun.version];
  if (globalThis.Deno !== undefined) return ['deno', globalThis.Deno.version.deno];
  return ['node', process.versions.node];
}

const [name, version] = nameAndVersion();

/** The name of the runtime's saved results, such as `node-20`. */
export const runtimeName = `${name}-${version.split('.')[0]}`;

// Without this flag, `node:stream/iter` is not available.
const STREAM_ITER = '--experimental-stream-iter';

function runtimeArguments() {
  if (name === 'deno') return ['run', '-A'];
  if (name === 'bun') return [];
  return process.allowedNodeEnvironmentFlags.has(STREAM_ITER)
    ? [STREAM_ITER, '--disable-warning=ExperimentalWarning']
    : [];
}

/** Runs a module of this folder in a process of its own. Returns its standard output if that is piped. */
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
