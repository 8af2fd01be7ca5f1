// The two sanitizers: the requirements of their builds, and the errors that they report.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Missing, mustRun } from '../run.mjs';

const beside = (name) => fileURLToPath(new URL(name, import.meta.url));

const SUPPRESSIONS = beside('thread.supp');
const STANDARD_LIBRARY = beside('std.c');
const START = beside('start.c');
const C_FLAGS = ['-O2', '-fPIC', '-Wall', '-Wextra', '-Werror'];

/** The functions that std.c wraps, by the names that it gives their symbols. */
const WRAPPED = {
  MUTEX_LOCK: /mutex5futex\w*Mutex14lock_contended/,
  RWLOCK_READ: /rwlock5futex\w*RwLock14read_contended/,
  RWLOCK_WRITE: /rwlock5futex\w*RwLock15write_contended/,
  CONDVAR_WAIT: /condvar5futex\w*Condvar4wait(17h\w*E)?$/,
  CONDVAR_WAIT_TIMEOUT: /condvar5futex\w*Condvar12wait_timeout/,
  ONCE_CALL: /once5futex\w*Once4call/,
};

/** Returns the symbols of the functions in WRAPPED, which the toolchain's shared standard library exports. */
function standardLibrarySymbols() {
  const folder = mustRun('rustc', ['+nightly', '--print', 'target-libdir']).trim();
  const library = readdirSync(folder).find((name) => /^libstd-\w+\.so$/.test(name));
  const symbols = mustRun('nm', ['--dynamic', '--defined-only', '--just-symbols', library], {
    cwd: folder,
  }).split('\n');
  return Object.entries(WRAPPED).map(([name, pattern]) => {
    const found = symbols.filter((symbol) => pattern.test(symbol));
    if (found.length === 1) return [name, found[0]];
    throw new Missing(
      `The standard library of this nightly has ${found.length} functions like ${pattern}, where ` +
        'scripts/sanitizer/std.c wraps one. Adapt it, or take another nightly.',
    );
  });
}

/** Compiles std.c, and returns the flags that link with it. */
function wrapStandardLibrary(target) {
  // cargo links again when the arguments change, but does not look at the contents of the object.
  const version = createHash('sha256').update(readFileSync(STANDARD_LIBRARY)).digest('hex');
  const object = join(target, `std-${version.slice(0, 8)}.o`);
  const symbols = standardLibrarySymbols();
  const definitions = symbols.map(([name, symbol]) => `-D${name}="${symbol}"`);
  const flags = ['-c', '-fvisibility=hidden', ...C_FLAGS, ...definitions];
  mustRun('gcc', [...flags, '-o', object, STANDARD_LIBRARY]);
  const wrapped = [...symbols.map(([, symbol]) => symbol), '__tsan_atomic64_fetch_sub'];
  return [object, ...wrapped.map((symbol) => `-Wl,--wrap=${symbol}`)];
}

/** Compiles start.c, and returns the libraries to preload. */
function preloadWithStart(library, target) {
  const start = join(target, 'start.so');
  mustRun('gcc', ['-shared', ...C_FLAGS, '-o', start, START]);
  return [library, start];
}

export const checkers = {
  address: {
    name: 'AddressSanitizer',
    library: 'libasan.so',
    targetFolder: 'asan',
    rustFlags: ['-Zsanitizer=address'],
    linkArguments: () => [],
    preload: (library) => [library],
    optionsVariable: 'ASAN_OPTIONS',
    // Node frees little of its memory when it exits, so its leaks mean nothing.
    options: { detect_leaks: 0 },
    plantedBug: 'useAfterFree',
    plantedReport: /AddressSanitizer: heap-use-after-free[\s\S]*planted\.rs/,
  },
  thread: {
    name: 'ThreadSanitizer',
    library: 'libtsan.so',
    targetFolder: 'tsan',
    // The standard library is not instrumented; without this flag, rustc refuses to link it.
    rustFlags: ['-Zsanitizer=thread', '-Cunsafe-allow-abi-mismatch=sanitizer'],
    linkArguments: wrapStandardLibrary,
    preload: preloadWithStart,
    optionsVariable: 'TSAN_OPTIONS',
    // Node is not instrumented: ThreadSanitizer sees only its locks and threads.
    options: {
      ignore_noninstrumented_modules: 1,
      suppressions: SUPPRESSIONS,
      print_suppressions: 0,
      // A process that exits leaves tokio's threads running, and some of them may just have finished.
      report_thread_leaks: 0,
    },
    plantedBug: 'dataRace',
    plantedReport: /ThreadSanitizer: data race[\s\S]*planted\.rs/,
  },
};
