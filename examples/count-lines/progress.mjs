const REFRESH_MILLISECONDS = 100;
// Some terminals do not report their width.
const USUAL_COLUMNS = 80;
const ERASE_LINE = '\r\x1b[K';

const integer = new Intl.NumberFormat('en-US');

/**
 * Keeps progress on the last line of a terminal, and returns a function that removes it. In a pipe it
 * shows nothing: the output of a pipe is input for another program.
 */
export function showProgress(tally) {
  const { stderr, stdout } = process;
  if (!stdout.isTTY || !stderr.isTTY) return () => {};

  const timer = setInterval(() => {
    const { files, lines, bytes } = tally.text;
    const megabytes = integer.format(Math.round(bytes / 1e6));
    const line = `${integer.format(files)} files, ${integer.format(lines)} lines, ${megabytes} MB`;
    stderr.write(ERASE_LINE + line.slice(0, (stderr.columns || USUAL_COLUMNS) - 1));
  }, REFRESH_MILLISECONDS);

  return () => {
    clearInterval(timer);
    stderr.write(ERASE_LINE);
  };
}
