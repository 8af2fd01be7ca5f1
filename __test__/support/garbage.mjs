// Garbage collections on demand, on every runtime and without a flag.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

function collector() {
  if (globalThis.Bun !== undefined) return () => globalThis.Bun.gc(true);
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
}

export const collectGarbage = collector();
