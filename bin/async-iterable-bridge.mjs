#!/usr/bin/env node
// The package from a terminal: what to run, how it ends, and with which exit code. The commands
// themselves are in command-line/, and are loaded only to be run: all else works without an addon.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { HELP } from './command-line/help.mjs';
import { OPTIONS } from './command-line/options.mjs';
import { flush, jsonLines } from './command-line/output.mjs';
import { Progress } from './command-line/progress.mjs';
import { isUsageError, UsageError } from './command-line/usage.mjs';

const NAME = 'async-iterable-bridge';

const EXIT_FAILED = 1;
const EXIT_MISUSED = 2;
/** As a shell gives for a program that such a signal has ended: 128 and its number. */
const EXIT_BY_SIGNAL = { SIGINT: 130, SIGTERM: 143 };

class Interrupted extends Error {
  constructor(signal) {
    super(signal);
    this.exitCode = EXIT_BY_SIGNAL[signal];
  }
}

const { stdout, stderr } = process;
const stop = new AbortController();

for (const signal of Object.keys(EXIT_BY_SIGNAL)) {
  process.once(signal, () => stop.abort(new Interrupted(signal)));
}
stdout.on('error', (error) => stop.abort(error));

function version() {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return JSON.parse(manifest).version;
}

function parse(name, args) {
  const options = OPTIONS[name];
  const help = { type: 'boolean', short: 'h' };
  return parseArgs({ args, options: { ...options, help }, allowPositionals: true });
}

function say(message) {
  stderr.write(`${NAME}: ${message}\n`);
}

/** Where lines scroll by on the same terminal, everybody sees how far it is. */
function progressOf(name) {
  const isSeen = stderr.isTTY && (name === 'bench' || !stdout.isTTY);
  return new Progress(isSeen ? stderr : undefined);
}

async function run([name, ...args]) {
  if (name === undefined) throw new UsageError('Which command?');
  if (name === '--help' || name === '-h') return void stdout.write(HELP);
  if (name === '--version' || name === '-v') return void stdout.write(`${version()}\n`);
  if (!Object.hasOwn(OPTIONS, name)) throw new UsageError(`There is no command '${name}'`);
  const { values, positionals } = parse(name, args);
  if (values.help) return void stdout.write(HELP);
  const command = await import(`./command-line/${name}.mjs`);
  const progress = progressOf(name);
  try {
    await command.run(values, positionals, {
      write: jsonLines(stdout, stop.signal),
      progress,
      signal: stop.signal,
      say,
      terminal: stderr.isTTY ? stderr : undefined,
    });
  } finally {
    progress.hide();
  }
}

/** Says what went wrong, if that is not known to whoever made it happen. */
function exitCodeOf(error) {
  if (error instanceof Interrupted) return error.exitCode;
  // The reader of a pipe may leave early, as `head` does. That is no error of ours.
  if (error.code === 'EPIPE') return 0;
  if (isUsageError(error)) {
    say(`${error.message}\nTry '${NAME} --help'.`);
    return EXIT_MISUSED;
  }
  if (error.code === undefined) throw error;
  say(error.message);
  return EXIT_FAILED;
}

try {
  await run(process.argv.slice(2));
  await flush(stdout);
  stop.signal.throwIfAborted();
} catch (error) {
  // What fails after a stop has failed because of it.
  process.exitCode = exitCodeOf(stop.signal.aborted ? stop.signal.reason : error);
}
