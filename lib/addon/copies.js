'use strict';

// The copies of the package in this process, as a monorepo or a nested node_modules brings them. Each has an addon of
// its own, with channels and event buses of its own, which the other copies do not know.

const { readFileSync } = require('node:fs');
const { basename } = require('node:path');

/** Reports whether a file has the name of an addon of this package, in whatever folder it is. */
const isAddon = (path) => /^async-iterable-bridge\..+\.node$/.test(basename(path));

/** Lists the addons that the process has mapped, in any thread. Systems other than Linux report none. */
function mappedFiles() {
  try {
    return readFileSync('/proc/self/maps', 'utf8').match(/\/.*\.node$/gm) ?? [];
  } catch {
    return [];
  }
}

/** Lists the shared objects of the process. Runtimes other than Node report none. */
function sharedObjects() {
  const { report } = process;
  if (typeof report?.getReport !== 'function') return [];
  const { excludeNetwork } = report;
  // Otherwise the report looks up the names of all peers.
  report.excludeNetwork = true;
  try {
    return report.getReport().sharedObjects ?? [];
  } catch {
    return [];
  } finally {
    report.excludeNetwork = excludeNetwork;
  }
}

/** Lists the addons of all copies that the process has loaded, as far as the system reports them. */
function loadedAddons() {
  const mapped = mappedFiles();
  // A report takes milliseconds.
  const loaded = mapped.length > 0 ? mapped : [...sharedObjects(), ...Object.keys(require.cache)];
  return [...new Set(loaded.filter(isAddon))].sort();
}

/** Returns a sentence that names the copies, to append to another one. It is empty if there is one copy. */
function describeCopies() {
  const addons = loadedAddons();
  if (addons.length < 2) return '';
  return (
    `. ${addons.length} copies of async-iterable-bridge are loaded in this process, and none knows the channels ` +
    `and event buses of the others: ${addons.join(', ')}`
  );
}

let hasWarned = false;

/** Warns, once in each thread, about copies that may keep a request from its handler. */
function warnOfCopies(name) {
  if (hasWarned) return;
  const copies = describeCopies();
  if (copies === '') return;
  hasWarned = true;
  const message = `Requests over the event bus ${JSON.stringify(name)} may miss their handler${copies}`;
  process.emitWarning(message, { code: 'ASYNC_ITERABLE_BRIDGE_COPIES' });
}

module.exports = { describeCopies, warnOfCopies };
