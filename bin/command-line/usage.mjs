// Errors in the way that a command was called.

/** An error on the command line. */
export class UsageError extends Error {}

/** Reports whether an error is about the command line: ours, an error of `parseArgs`, or of an option's range. */
export function isUsageError(error) {
  return (
    error instanceof UsageError ||
    error.code === 'ERR_OUT_OF_RANGE' ||
    String(error.code).startsWith('ERR_PARSE_ARGS_')
  );
}

/** Returns the only argument, or `fallback` if there is none. */
export function oneArgument(positionals, fallback) {
  if (positionals.length > 1) throw new UsageError(`One argument too many: '${positionals[1]}'`);
  return positionals[0] ?? fallback;
}

/** Returns the number of an option. The package checks its range. */
export function wholeNumber(values, option) {
  const text = values[option];
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw new UsageError(`--${option} takes a number, not '${text}'`);
  return Number(text);
}
