// The places of the project's version, the next version, and the changelog's section for it.

const VERSION = /^\d+\.\d+\.\d+$/;
const LEVELS = ['major', 'minor', 'patch'];

/**
 * Returns the version after `current`: by 'major', 'minor' or 'patch', or exactly `wanted` if that is later.
 * The first release may have the present version, because that is not published yet.
 */
export function nextVersion(current, wanted, { isFirst = false } = {}) {
  const parts = current.split('.').map(Number);
  const level = LEVELS.indexOf(wanted);
  if (level !== -1) return [...parts.slice(0, level), parts[level] + 1, 0, 0].slice(0, 3).join('.');
  if (!VERSION.test(wanted ?? '')) {
    throw new RangeError(
      `The version must be ${LEVELS.join(', ')} or three numbers, not ${wanted}`,
    );
  }
  if (isFirst && wanted === current) return wanted;
  const given = wanted.split('.').map(Number);
  const differing = given.findIndex((part, index) => part !== parts[index]);
  if (differing === -1 || given[differing] < parts[differing]) {
    throw new RangeError(`${wanted} is not later than ${current}`);
  }
  return wanted;
}

/** Returns the version range in dependencies: 0.2 for 0.2.0, and 1.2 for 1.2.3. */
const seriesOf = (version) => version.split('.').slice(0, 2).join('.');

/**
 * Returns, for each file, pairs of a pattern that finds a version and the text that replaces the version.
 * The pattern's first group precedes the version.
 */
function placesOf(version, platformFolders) {
  const manifest = [/^( {2}"version": ")[^"]+/m, version];
  const locked = [/(^name = "async-iterable-bridge[\w-]*"\nversion = ")[^"]+/gm, version];
  const dependency = [
    /(\basync-iterable-bridge = (?:\{ version = )?")\d+\.\d+(?=")/g,
    seriesOf(version),
  ];
  return {
    'package.json': [manifest],
    'package-lock.json': [manifest, [/("": \{\s+"name": "[^"]+",\s+"version": ")[^"]+/, version]],
    ...Object.fromEntries(platformFolders.map((folder) => [`${folder}/package.json`, [manifest]])),
    'Cargo.toml': [
      [/(^\[workspace\.package\]\nversion = ")[^"]+/m, version],
      [/(^async-iterable-bridge[\w-]* = \{ version = ")[^"]+/gm, version],
    ],
    'Cargo.lock': [locked],
    'examples/addon/Cargo.lock': [locked],
    'examples/addon/README.md': [dependency],
    'crates/async-iterable-bridge/README.md': [dependency],
    'docs/platforms.md': [[/(\bgit checkout v)[\d.]+/g, version]],
  };
}

/** Returns the new text of each file with a version in it. `read(path)` returns the present text. */
export function withVersion(version, platformFolders, read) {
  return Object.entries(placesOf(version, platformFolders)).map(([path, places]) => {
    let text = read(path);
    for (const [pattern, shown] of places) {
      if (text.search(pattern) === -1)
        throw new Error(`${path} has no version where ${pattern} looks`);
      text = text.replace(pattern, `$1${shown}`);
    }
    return { path, text };
  });
}

/** Returns the files that contain another version. */
export function filesOfOtherVersion(version, platformFolders, read) {
  return withVersion(version, platformFolders, read)
    .filter(({ path, text }) => text !== read(path))
    .map(({ path }) => path);
}

const UNRELEASED = '## [Unreleased]\n';

/**
 * Returns the changelog with its unreleased entries moved to `version`, and with the subjects of the
 * version's commits, the newest first.
 */
export function withRelease(changelog, { version, date, subjects }) {
  const [preamble, rest] = changelog.split(UNRELEASED);
  if (rest === undefined) throw new Error('The changelog has no unreleased section');
  const end = rest.indexOf('\n## [');
  const [unreleased, older] = end === -1 ? [rest, ''] : [rest.slice(0, end), rest.slice(end)];
  const section = [`## [${version}] - ${date}`, unreleased.trim()];
  if (subjects.length > 0) {
    section.push('### Commits', subjects.map((subject) => `- ${subject}`).join('\n'));
  }
  const text = section.filter((part) => part !== '').join('\n\n');
  return `${preamble}${UNRELEASED}\n${text}\n${older}`;
}
