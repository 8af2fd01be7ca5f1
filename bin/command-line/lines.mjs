// `lines [FILE]`: a file's lines, or those of standard input.

import { readLines } from '../../index.mjs';
import { oneArgument, UsageError, wholeNumber } from './usage.mjs';

function pathOf(file) {
  if (file !== '-') return file;
  if (process.platform === 'win32') {
    throw new UsageError('Standard input cannot be read on Windows: give a FILE');
  }
  return '/dev/stdin';
}

export async function run(values, positionals, { write, progress, signal }) {
  const stream = readLines(pathOf(oneArgument(positionals, '-')), {
    encoding: values.base64 ? 'buffer' : 'utf8',
    maxLineBytes: wholeNumber(values, 'max-line-bytes'),
    capacity: wholeNumber(values, 'capacity'),
    maxBytes: wholeNumber(values, 'max-bytes'),
    signal,
  });
  const itemOf = values.base64
    ? (content, line) => ({ line, base64: content.toString('base64') })
    : (text, line) => ({ line, text });
  let count = 0;
  for await (const batch of stream.batches()) {
    await write(batch.map((content) => itemOf(content, ++count)));
    progress.show(`lines: ${count.toLocaleString('en-US')}`);
  }
}
