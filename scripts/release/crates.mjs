// Asks cargo which crates are published, and publishes the rest.

/** The crates, dependencies first: cargo waits until each one can be found. */
export const CRATES = ['async-iterable-bridge-derive', 'async-iterable-bridge'];

/** @typedef {(args: string[]) => { status: number | null, stderr: string }} Cargo */

function isPublished(name, version, cargo) {
  // The registry is named because cargo would otherwise find the crate in this workspace.
  const { status, stderr } = cargo(['info', `${name}@${version}`, '--registry', 'crates-io']);
  if (status === 0) return true;
  if (stderr.includes(`could not find \`${name}@${version}\``)) return false;
  throw new Error(`cargo does not say whether there is ${name} ${version}:\n${stderr}`);
}

/**
 * Publishes the crates of a version that are not published yet, and returns their names. It does not pass
 * the published crates to cargo, which refuses all of them if one is published.
 *
 * @param {string} version
 * @param {string[]} flags - More flags for `cargo publish`.
 * @param {{ ask: Cargo, publish: Cargo }} run - Runs cargo, to query the registry and to publish.
 */
export function publishCrates(version, flags, { ask, publish }) {
  const missing = CRATES.filter((name) => !isPublished(name, version, ask));
  if (missing.length === 0) return missing;
  const named = missing.flatMap((name) => ['-p', name]);
  const { status } = publish(['publish', '--locked', ...flags, ...named]);
  if (status !== 0) throw new Error('Not all is published; what cargo says is above');
  return missing;
}
