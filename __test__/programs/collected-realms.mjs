// Loads the package in many realms that use streams, and prints how many realms are left when all are forgotten.
// Arguments: the way in which the realms are made (`contexts`, `reloads` or `addons`), and their number.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { createContext, Script } from 'node:vm';
import { collectGarbage } from '../support/garbage.mjs';

const require = createRequire(import.meta.url);
const entry = require.resolve('async-iterable-bridge');
const folder = dirname(entry);
const [kind, count] = [process.argv[2], Number(process.argv[3])];

/** The number of garbage collections after which the remaining realms count as kept. */
const MOST_COLLECTIONS = 100;

const isAddon = (path) => path.endsWith('.node');

/** Loads the package into a context of its own, as test runners do. All contexts share the addon of the process. */
function loadInContext() {
  const context = createContext();
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(globalThis))) {
    if (!(name in context)) Object.defineProperty(context, name, descriptor);
  }
  const modules = new Map();
  const load = (path) => {
    if (!path.startsWith(folder) || !path.endsWith('.js')) return require(path);
    const known = modules.get(path);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    modules.set(path, module);
    const source = `(function (module, require, __dirname) {${readFileSync(path, 'utf8')}\n})`;
    const evaluate = new Script(source, { filename: path }).runInContext(context);
    const { resolve } = createRequire(path);
    evaluate(module, (name) => load(resolve(name)), dirname(path));
    return module.exports;
  };
  return load(entry);
}

/** Loads the package again; with another instance of the addon, if the test forgets the addon, too. */
function reload(withAddon) {
  for (const path of Object.keys(require.cache)) {
    if (path.startsWith(folder) && (withAddon || !isAddon(path))) delete require.cache[path];
  }
  // A module keeps the modules that it has loaded, so this uses a new one.
  return createRequire(import.meta.url)(entry);
}

const LOAD = { contexts: loadInContext, reloads: () => reload(false), addons: () => reload(true) };

async function use({ Channel, createEventBus, openStreams, range }) {
  for await (const _ of range(0, 10));
  const channel = new Channel();
  const sender = channel.sender();
  sender.push({ id: 1, name: 'one' });
  sender.done();
  for await (const _ of channel.receiver());
  createEventBus('unused').close();
  openStreams();
}

async function useRealm() {
  const loaded = LOAD[kind]();
  await use(loaded);
  return [new WeakRef(loaded), new WeakRef(loaded.Channel)];
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 1));

const realms = [];
for (let index = 0; index < count; index++) realms.push(await useRealm());
// The cache keeps the last realm, so load one more.
if (kind !== 'contexts') reload(kind === 'addons');

const isLeft = (parts) => parts.some((part) => part.deref() !== undefined);
for (let tries = 0; tries < MOST_COLLECTIONS && realms.some(isLeft); tries++) {
  await turn();
  collectGarbage();
}
process.stdout.write(String(realms.filter(isLeft).length));
