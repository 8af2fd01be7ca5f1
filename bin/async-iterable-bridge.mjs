#!/usr/bin/env node
// The package on the command line: selects the command, stops it, and sets the exit code. The commands are in
// command-line/, and are loaded only when they run: everything else works without an addon.

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
/** The exit code that a shell reports for a program that the signal has ended: 128 plus the signal's number. */
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

/** Returns the progress line. It stays hidden if the items scroll by on the same terminal, except for `bench`. */
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

/** Returns the exit code for an error. Prints its message, unless a signal or a closed pipe has caused the end. */
function exitCodeOf(error) {
  if (error instanceof Interrupted) return error.exitCode;
  // The reader of a pipe may close it early, as `head` does. That is no error of this program.
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
  // An error after a stop is a consequence of the stop.
  process.exitCode = exitCodeOf(stop.signal.aborted ? stop.signal.reason : error);
}
