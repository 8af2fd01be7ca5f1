// The options of each command, apart from the commands. The commands load the addon; the help and the
// messages about wrong usage must also work if the addon cannot be loaded.

const ofStreams = {
  capacity: { type: 'string' },
  'max-bytes': { type: 'string' },
};

/** The options by command, in the form that `parseArgs` takes. */
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
