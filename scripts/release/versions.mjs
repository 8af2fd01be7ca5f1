// Where the project's version stands, how it goes on, and what the changelog says of it.

const VERSION = /^\d+\.\d+\.\d+$/;
const LEVELS = ['major', 'minor', 'patch'];

/**
 * The version after `current`: by 'major', 'minor' or 'patch', or exactly `wanted` if that is later. The
 * first release may be of the present version, which nobody has yet.
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

/** 0.2.0 is asked for as 0.2, and 1.2.3 as 1.2. */
const seriesOf = (version) => version.split('.').slice(0, 2).join('.');

/**
 * What is written where: in each file, a pattern whose first group stands before a version and whose
 * second, if there is one, behind it.
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

/** The new text of each file with a version in it. `read(path)` gives the present one. */
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

/** The files in which there is another version. */
export function filesOfOtherVersion(version, platformFolders, read) {
  return withVersion(version, platformFolders, read)
    .filter(({ path, text }) => text !== read(path))
    .map(({ path }) => path);
}

const UNRELEASED = '## [Unreleased]\n';

/**
 * The changelog in which what is unreleased is of a version, with the subjects of its commits, the
 * newest first.
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
