// `walk [DIR]`: everything below a directory.

import { walk } from '../../index.mjs';
import { oneArgument, wholeNumber } from './usage.mjs';

export async function run(values, positionals, { write, progress, say, signal }) {
  const stream = walk(oneArgument(positionals, '.'), {
    maxDepth: wholeNumber(values, 'depth'),
    gitignore: values.gitignore,
    hidden: !values['no-hidden'],
    followSymlinks: values.follow,
    stat: values.stat,
    errors: values['skip-errors'] ? 'skip' : 'throw',
    threads: wholeNumber(values, 'threads'),
    capacity: wholeNumber(values, 'capacity'),
    maxBytes: wholeNumber(values, 'max-bytes'),
    signal,
  });
  let count = 0;
  for await (const batch of stream.batches()) {
    await write(batch);
    count += batch.length;
    progress.show(`entries: ${count.toLocaleString('en-US')}`);
  }
  const { skipped } = stream.stats;
  progress.hide();
  if (skipped > 0) say(`what could not be read and is left out: ${skipped}`);
}
