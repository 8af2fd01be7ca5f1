const REFRESH_MILLISECONDS = 100;
// Some terminals do not tell how wide they are.
const USUAL_COLUMNS = 80;
const ERASE_LINE = '\r\x1b[K';

const integer = new Intl.NumberFormat('en-US');

/**
 * On a terminal, keeps a line of progress on the last line. Returns what removes it again.
 * In a pipe nothing is shown: what comes out there is for another program.
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
