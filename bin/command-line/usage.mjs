// What is wrong about the way in which a command was called.

/** Something on the command line cannot be meant. */
export class UsageError extends Error {}

/** Whether an error is about the command line: ours, that of `parseArgs`, or of an option's range. */
export function isUsageError(error) {
  return (
    error instanceof UsageError ||
    error.code === 'ERR_OUT_OF_RANGE' ||
    String(error.code).startsWith('ERR_PARSE_ARGS_')
  );
}

/** The only argument, or what stands for none. */
export function oneArgument(positionals, fallback) {
  if (positionals.length > 1) throw new UsageError(`One argument too many: '${positionals[1]}'`);
  return positionals[0] ?? fallback;
}

/** The number of an option. Its range is for the package to check. */
export function wholeNumber(values, option) {
  const text = values[option];
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw new UsageError(`--${option} takes a number, not '${text}'`);
  return Number(text);
}
