// Programs that a test runs in a process of their own.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The project's folder. A program that starts here can import the package by its name. */
export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

const TIME_LIMIT_MILLISECONDS = Number(process.env.TEST_TIME_LIMIT ?? 120_000);

/** The arguments with which the runtime of this test runs a program. */
export const runtimeArguments = process.versions.deno ? ['run', '-A'] : [];

/** @typedef {{ code: number | null, signal: string | null, stdout: string, stderr: string }} Ending */

/** @returns {Promise<Ending>} */
function run(file, args, { onSpawn, ...options }) {
  const child = spawn(file, args, {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIME_LIMIT_MILLISECONDS,
    killSignal: 'SIGKILL',
    ...options,
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => {
      output[name] += text;
    });
  }
  onSpawn?.(child);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, ...output }));
  });
}

/**
 * Runs a JavaScript program with this runtime until it ends.
 *
 * @param {string[]} args - The program and its arguments.
 * @param {object} [options] - Those of `spawn`; and `onSpawn(child)`, called at once.
 */
export function runProgram(args, options = {}) {
  return run(process.execPath, [...runtimeArguments, ...args], options);
}

/** Runs this runtime with arguments of its own until it ends. */
export function runRuntime(args, options = {}) {
  return run(process.execPath, args, options);
}

/**
 * Runs a script of `sh` until it ends. In it, `run` runs a JavaScript program with this runtime.
 *
 * @param {string} script
 * @param {Record<string, string>} variables - Further variables of its environment.
 */
export function runScript(script, variables) {
  const definition = `run() { "$RUNTIME" ${runtimeArguments.join(' ')} "$@"; }`;
  // In the environment, because Deno changes arguments that look like a call of itself.
  const env = { ...process.env, ...variables, RUNTIME: process.execPath };
  return run('sh', ['-c', `${definition}\n${script}`], { env });
}
