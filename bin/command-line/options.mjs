// The options of each command, apart from the commands: the help and wrong usage are for those as well
// whose addon cannot be loaded, and the commands load it.

const ofStreams = {
  capacity: { type: 'string' },
  'max-bytes': { type: 'string' },
};

/** By command, as `parseArgs` takes them. */
export const OPTIONS = {
  lines: {
    base64: { type: 'boolean' },
    'max-line-bytes': { type: 'string' },
    ...ofStreams,
  },
  walk: {
    depth: { type: 'string' },
    gitignore: { type: 'boolean' },
    'no-hidden': { type: 'boolean' },
    follow: { type: 'boolean' },
    stat: { type: 'boolean' },
    'skip-errors': { type: 'boolean' },
    threads: { type: 'string' },
    ...ofStreams,
  },
  bench: {
    directory: { type: 'string' },
    rounds: { type: 'string' },
  },
};
