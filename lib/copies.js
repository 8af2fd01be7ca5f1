'use strict';

// The copies of the package in this process, as a monorepo or a nested node_modules brings them. Each has an addon of
// its own, with channels and event buses of its own: what is made by one copy is unknown to the other.

const { readFileSync } = require('node:fs');
const { basename } = require('node:path');

/** How the files of the addon are called, wherever they lie. */
const isAddon = (path) => /^async-iterable-bridge\..+\.node$/.test(basename(path));

/** All files that the process has mapped, in whatever thread: only Linux says. */
function mappedFiles() {
  try {
    return readFileSync('/proc/self/maps', 'utf8').match(/\/.*\.node$/gm) ?? [];
  } catch {
    return [];
  }
}

/** All shared objects of the process: only Node says. */
function sharedObjects() {
  const { report } = process;
  if (typeof report?.getReport !== 'function') return [];
  const { excludeNetwork } = report;
  // It would look the names of all peers up.
  report.excludeNetwork = true;
  try {
    return report.getReport().sharedObjects ?? [];
  } catch {
    return [];
  } finally {
    report.excludeNetwork = excludeNetwork;
  }
}

/** The addons of all copies that the process has loaded, as far as this system says. */
function loadedAddons() {
  const mapped = mappedFiles();
  // This takes milliseconds.
  const loaded = mapped.length > 0 ? mapped : [...sharedObjects(), ...Object.keys(require.cache)];
  return [...new Set(loaded.filter(isAddon))].sort();
}

/** A sentence that names the copies, to stand behind another one. Empty, if there is but one. */
function describeCopies() {
  const addons = loadedAddons();
  if (addons.length < 2) return '';
  return (
    `. ${addons.length} copies of async-iterable-bridge are loaded in this process, and none knows the channels ` +
    `and event buses of the others: ${addons.join(', ')}`
  );
}

let hasWarned = false;

/** Warns, once in each thread, of copies that may keep a request from its handler. */
function warnOfCopies(name) {
  if (hasWarned) return;
  const copies = describeCopies();
  if (copies === '') return;
  hasWarned = true;
  const message = `Requests over the event bus ${JSON.stringify(name)} may miss their handler${copies}`;
  process.emitWarning(message, { code: 'ASYNC_ITERABLE_BRIDGE_COPIES' });
}

module.exports = { describeCopies, warnOfCopies };
