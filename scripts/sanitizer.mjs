// Runs the tests of concurrency and of ends under a sanitizer: `npm run test:asan` and
// `npm run test:tsan`. Only our Rust is instrumented; Node itself is not, and preloads the sanitizer's
// library. The builds go to target/asan or target/tsan, and replace no others.

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { Missing } from './run.mjs';
import { nodeTestFlags, runTests, tellUnexpected } from './run-tests.mjs';
import { checkers } from './sanitizer/checkers.mjs';
import { root, testFiles } from './test-files.mjs';

const TARGET = 'x86_64-unknown-linux-gnu';

const TEST_FILES = [
  'channel',
  'channel-bounds',
  'channel-endings',
  'channel-failures',
  'channel-lifetime',
  'channel-workers',
  'contract',
  'endings',
  'endings-of-streams',
  'event-bus',
  'event-bus-endings',
  'event-bus-workers',
  'forged-handles',
  'hostile-prototypes',
  'interop',
  'items',
  'oracle',
  'native-source',
  'read-lines',
  'walk',
].flatMap((name) => testFiles([`/${name}.test.mjs`]));

/** The sizes of the tests: under a sanitizer everything takes several times as long. */
const TEST_SIZES = { ORACLE_RUNS: '200', TEST_TIME_LIMIT: '300000' };

/** More rounds and workers than the tests have: in workers, threads, environments and ends meet. */
const TERMINATIONS = { rounds: '30', workers: '20' };

/** A code that Node itself does not exit with. */
const EXIT_CODE = 66;

const MOST_REPORTS_SHOWN = 3;

/** The line with the seed that repeats a run of the program that terminates workers. */
const SEED = /^seed \d+$/gm;

function say(line) {
  process.stdout.write(`\n== ${line}\n`);
}

/** Returns the path of the sanitizer's library. Throws if a prerequisite is missing. */
function checkPrerequisites(checker) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Missing('The sanitizers are set up for Linux on x64 only.');
  }
  if (spawnSync('cargo', ['+nightly', '--version']).status !== 0) {
    throw new Missing(
      "Rust's sanitizers need a nightly toolchain, which `cargo +nightly` does not find. Run " +
        '`rustup toolchain install nightly`; rustup itself is at https://rustup.rs/',
    );
  }
  // gcc prints the bare name of a file that it does not find.
  const { error, stdout } = spawnSync('gcc', [`-print-file-name=${checker.library}`], {
    encoding: 'utf8',
  });
  const library = stdout?.trim();
  if (error !== undefined || !isAbsolute(library)) {
    throw new Missing(
      `${checker.name} needs gcc with its ${checker.library}, and ` +
        `${error === undefined ? 'gcc has none' : 'there is no gcc'}. On Debian and Ubuntu the ` +
        'package gcc brings both.',
    );
  }
  return library;
}

/** Builds both addons with instrumentation. Returns the variables that replace the usual addons by them. */
function build(checker, target) {
  const linkArguments = checker.linkArguments(target);
  const environment = {
    ...process.env,
    CARGO_TARGET_DIR: target,
    // Because a target is named, these do not apply to build scripts and procedural macros.
    RUSTFLAGS: checker.rustFlags.join(' '),
    // Reports need lines, and the functions that optimization across crates would remove.
    CARGO_PROFILE_RELEASE_DEBUG: '1',
    CARGO_PROFILE_RELEASE_LTO: 'off',
    CARGO_PROFILE_RELEASE_STRIP: 'none',
  };
  const buildLibrary = (name, ...flags) => {
    const cargo = ['+nightly', 'rustc', '--release', '--target', TARGET, '--lib', '--quiet'];
    const link = linkArguments.map((argument) => `-Clink-arg=${argument}`);
    const { status } = spawnSync('cargo', [...cargo, '-p', name, ...flags, '--', ...link], {
      cwd: root,
      env: environment,
      stdio: 'inherit',
    });
    if (status !== 0) throw new Missing(`${name} could not be built; cargo says why above.`);
    // Node loads a file as an addon only if it has this extension.
    const addon = join(target, `${name}.node`);
    copyFileSync(join(target, TARGET, 'release', `lib${name.replaceAll('-', '_')}.so`), addon);
    return addon;
  };
  return {
    ASYNC_ITERABLE_BRIDGE_ADDON: buildLibrary('async-iterable-bridge-node'),
    TEST_ADDON: buildLibrary('async-iterable-bridge-test-addon', '--features', 'planted'),
  };
}

/** Returns the reports of all processes since the last call, including children whose exit no test checks. */
function takeReports(folder) {
  const reports = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  return reports;
}

/** Returns the report with the names of Rust's functions as they are in the source. */
function readable(report) {
  const { status, stdout } = spawnSync('c++filt', { input: report, encoding: 'utf8' });
  return status === 0 ? stdout : report;
}

/** Returns a function that runs Node under a sanitizer and returns the result with the sanitizer's reports. */
function instrumentedNode(checker, preload, addons) {
  const reports = join(root, '.cache', 'sanitizer', checker.targetFolder);
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  const options = { ...checker.options, exitcode: EXIT_CODE, log_path: join(reports, 'report') };
  const environment = {
    ...process.env,
    ...TEST_SIZES,
    ...addons,
    LD_PRELOAD: preload.join(' '),
    [checker.optionsVariable]: Object.entries(options)
      .map(([name, value]) => `${name}=${value}`)
      .join(':'),
  };
  return async (args, { isQuiet = false } = {}) => {
    const options = { env: environment, isQuiet, expected: [SEED] };
    const ended = await runTests(process.execPath, args, options);
    return { ...ended, reports: takeReports(reports) };
  };
}

/** Checks that the sanitizer reports nothing for a correct program, and reports a planted bug. */
async function proveChecker(checker, runNode) {
  const sound = await runNode(['--eval', '0']);
  if (sound.status !== 0 || sound.reports.length > 0) {
    throw new Missing(
      `Node does not run under ${checker.name} here:\n${sound.reports.join('\n')}\n` +
        'If it says "unexpected memory mapping", `sysctl vm.mmap_rnd_bits=28` helps.',
    );
  }
  const planted = join('__test__', 'programs', 'planted-bug.mjs');
  const { status, reports } = await runNode([planted, checker.plantedBug], { isQuiet: true });
  if (status === EXIT_CODE && reports.some((report) => checker.plantedReport.test(report))) return;
  throw new Missing(
    `${checker.name} does not see the planted bug \`${checker.plantedBug}\`: ` +
      `exit code ${status}, reports:\n${reports.join('\n') || 'none'}`,
  );
}

/** Runs one of our programs, and returns whether it succeeds without a report of the sanitizer. */
async function passes(checker, runNode, args) {
  const { status, signal, reports, unexpected } = await runNode(args);
  for (const report of reports.slice(0, MOST_REPORTS_SHOWN)) process.stdout.write(readable(report));
  const ended = signal === null ? `exit code ${status}` : `signal ${signal}`;
  say(`${ended}, ${reports.length} processes with reports of ${checker.name}`);
  tellUnexpected(unexpected);
  return status === 0 && reports.length === 0 && unexpected.length === 0;
}

async function run(checker) {
  const library = checkPrerequisites(checker);
  say(`Building with ${checker.name}; the first time takes minutes`);
  const target = join(root, 'target', checker.targetFolder);
  mkdirSync(target, { recursive: true });
  const preload = checker.preload(library, target);
  const runNode = instrumentedNode(checker, preload, build(checker, target));
  say(`A planted bug that ${checker.name} must see`);
  await proveChecker(checker, runNode);
  say(`The tests under ${checker.name}`);
  const haveTestsPassed = await passes(checker, runNode, [...nodeTestFlags, ...TEST_FILES]);
  const { rounds, workers } = TERMINATIONS;
  say(`${rounds} times ${workers} workers that are terminated, under ${checker.name}`);
  const program = join('__test__', 'programs', 'terminate-workers.mjs');
  return (await passes(checker, runNode, [program, rounds, workers])) && haveTestsPassed;
}

const checker = checkers[process.argv[2]];
try {
  if (checker === undefined) {
    throw new Missing(`Say which: ${Object.keys(checkers).join(' or ')}.`);
  }
  process.exitCode = (await run(checker)) ? 0 : 1;
} catch (error) {
  if (!(error instanceof Missing)) throw error;
  process.stderr.write(`sanitizer: ${error.message}\n`);
  process.exitCode = 1;
}
