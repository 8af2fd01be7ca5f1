/**
 * `npm run soak [-- NAME...]`: runs all soaks, or those that are named, one after the other, each in a
 * process of its own, under the runtime that runs this script. Any fault of the process, whether a
 * signal, an exit code or a hang, is a failure.
 */

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { machine } from '../benchmark/harness.mjs';

const ALL = ['terminate', 'timer', 'items', 'streams'];

/** The longest silence of a soak. All soaks print their progress much more often. */
const LONGEST_SILENCE_MILLISECONDS = 5 * 60_000;

/** The addon that the soaks use in place of the tests' addon. */
const ADDON = fileURLToPath(new URL('../.cache/soak-addon.node', import.meta.url));

const isDeno = process.versions.deno !== undefined;

/** Runs a soak until it ends or falls silent, and returns its outcome. */
async function run(name) {
  const program = fileURLToPath(new URL(`./${name}.mjs`, import.meta.url));
  const args = isDeno ? ['run', '-A', program] : [program];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, TEST_ADDON: ADDON },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let hangs = false;
  const kill = () => {
    hangs = true;
    child.kill('SIGKILL');
  };
  let silence = setTimeout(kill, LONGEST_SILENCE_MILLISECONDS);
  child.stderr.on('data', (text) => {
    process.stderr.write(text);
    clearTimeout(silence);
    silence = setTimeout(kill, LONGEST_SILENCE_MILLISECONDS);
  });
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (...ending) => resolve(ending));
  });
  clearTimeout(silence);
  if (hangs) return 'FAILED, it hung';
  if (code === 0) return 'passed';
  return signal === null ? `FAILED, with code ${code}` : `FAILED, with ${signal}`;
}

const { positionals } = parseArgs({ args: process.argv.slice(2), allowPositionals: true });
const unknown = positionals.filter((name) => !ALL.includes(name));
if (unknown.length > 0) {
  console.error(`There is no soak ${unknown.join(', ')}. There are: ${ALL.join(', ')}.`);
  process.exit(2);
}

console.error(machine());
const outcomes = [];
for (const name of positionals.length > 0 ? positionals : ALL) {
  console.error(`\n== ${name}`);
  outcomes.push({ name, outcome: await run(name) });
}
console.error();
for (const { name, outcome } of outcomes) console.error(`${name.padEnd(12)}${outcome}`);
process.exitCode = outcomes.every(({ outcome }) => outcome === 'passed') ? 0 : 1;
