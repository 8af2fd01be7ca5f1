'use strict';

// The native addon: the file that ASYNC_ITERABLE_BRIDGE_ADDON names, or else the file that was built in this
// folder, or else the optional package that the package manager has installed for this platform.

const { existsSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join, resolve } = require('node:path');
const { version } = require('../../package.json');
const { addonOfOtherVersion, addonUnavailable } = require('../support/errors.js');
const { libcOf } = require('./libc.js');

const root = join(__dirname, '..', '..');

// Spelled out: tools that trace the files of a program do not see a name that is computed.
const PREBUILT = {
  'darwin-arm64': () => require('@async-iterable-bridge/darwin-arm64'),
  'darwin-x64': () => require('@async-iterable-bridge/darwin-x64'),
  'linux-arm64-gnu': () => require('@async-iterable-bridge/linux-arm64-gnu'),
  'linux-arm64-musl': () => require('@async-iterable-bridge/linux-arm64-musl'),
  'linux-x64-gnu': () => require('@async-iterable-bridge/linux-x64-gnu'),
  'linux-x64-musl': () => require('@async-iterable-bridge/linux-x64-musl'),
  'win32-arm64-msvc': () => require('@async-iterable-bridge/win32-arm64-msvc'),
  'win32-x64-msvc': () => require('@async-iterable-bridge/win32-x64-msvc'),
};

/** Returns the name of this platform in napi-rs, which names the files that are built here. */
function platformName() {
  const { platform, arch } = process;
  if (platform === 'linux') return `linux-${arch}-${libcOf(process.execPath)}`;
  return platform === 'win32' ? `win32-${arch}-msvc` : `${platform}-${arch}`;
}

/**
 * Requires a module that stays with the environment. Node keeps the module that has required it first, and so the realm
 * of that module. This function belongs to an empty module.
 */
const requireAlone = createRequire(join(root, 'package.json'));

function find(platform) {
  const given = process.env.ASYNC_ITERABLE_BRIDGE_ADDON;
  if (given) return () => requireAlone(resolve(given));
  const built = join(root, `async-iterable-bridge.${platform}.node`);
  if (existsSync(built)) return () => requireAlone(built);
  const requireTraced = PREBUILT[platform];
  return requireTraced && (() => installed(platform) ?? requireTraced());
}

/** Returns the addon of the package for this platform, or nothing if only a bundler knows where it is. */
function installed(platform) {
  try {
    return requireAlone(`@async-iterable-bridge/${platform}`);
  } catch {
    return undefined;
  }
}

function load() {
  const platform = platformName();
  const loadAddon = find(platform);
  if (loadAddon === undefined) throw addonUnavailable(platform);
  let addon;
  try {
    addon = loadAddon();
  } catch (error) {
    throw addonUnavailable(platform, error);
  }
  if (addon.VERSION !== version) throw addonOfOtherVersion(platform, addon.VERSION, version);
  return addon;
}

module.exports = load();
