const LONGEST_TABLE = 40;
const LONGEST_EXTENSION = 24;
const BYTES_PER_MEBIBYTE = 1024 * 1024;

const integer = new Intl.NumberFormat('en-US');
const oneDecimal = new Intl.NumberFormat('en-US', {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});

/** Replaces control characters: an extension is part of a file's name, which may hold any, also cursor movements. */
function printable(extension) {
  if (extension === '') return '(none)';
  return extension.replace(/\p{C}/gu, '?').slice(0, LONGEST_EXTENSION);
}

function sumOf(rows) {
  const sum = { files: 0, lines: 0, bytes: 0 };
  for (const row of rows) {
    sum.files += row.files;
    sum.lines += row.lines;
    sum.bytes += row.bytes;
  }
  return sum;
}

/** Returns the rows of text files: most lines first, and one row for the small ones of a long table. */
function textRows(extensions) {
  const rows = [...extensions]
    .map(([extension, counts]) => ({ label: printable(extension), ...counts }))
    .sort((a, b) => b.lines - a.lines || b.bytes - a.bytes);
  if (rows.length <= LONGEST_TABLE) return rows;
  const rest = rows.slice(LONGEST_TABLE - 1);
  const label = `(${integer.format(rest.length)} others)`;
  return [...rows.slice(0, LONGEST_TABLE - 1), { label, ...sumOf(rest) }];
}

function formatTable(rows) {
  const cells = rows.map(({ label, ...counts }) => [
    label,
    ...['files', 'lines', 'bytes'].map((column) =>
      counts[column] === undefined ? '' : integer.format(counts[column]),
    ),
  ]);
  const table = [['extension', 'files', 'lines', 'bytes'], ...cells];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  return table.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]),
      )
      .join('  ')
      .trimEnd(),
  );
}

function formatThroughput({ files, lines, bytes }, seconds) {
  const perSecond = (amount) => amount / seconds;
  return [
    `${seconds.toFixed(2)} s:`,
    `${integer.format(Math.round(perSecond(files)))} files/s,`,
    `${integer.format(Math.round(perSecond(lines)))} lines/s,`,
    `${oneDecimal.format(perSecond(bytes) / 1e6)} MB/s`,
  ].join(' ');
}

/** Returns the table and the figures below it. */
export function report(tally, { seconds, peakBytes, longestHoldMilliseconds }) {
  const rows = [...textRows(tally.extensions), { label: 'all text files', ...tally.text }];
  if (tally.binary.files > 0) rows.push({ label: 'not text', ...tally.binary });
  for (const [code, files] of tally.unreadable) rows.push({ label: `unreadable: ${code}`, files });
  if (tally.unlisted > 0) rows.push({ label: 'left out by the walk', files: tally.unlisted });

  return [
    ...formatTable(rows),
    '',
    formatThroughput(tally.text, seconds),
    `peak memory ${oneDecimal.format(peakBytes / BYTES_PER_MEBIBYTE)} MiB`,
    `longest hold of the event loop ${oneDecimal.format(longestHoldMilliseconds)} ms`,
    '',
  ].join('\n');
}
