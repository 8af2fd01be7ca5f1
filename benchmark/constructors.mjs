/** The same numbers from each of the crate's constructors. */

import { addon } from './support/addon.mjs';
import { KINDS } from './support/items.mjs';
import { ASYNC_GENERATOR, FLOOR, floor, rustPeers } from './support/sources.mjs';
import { compareThroughput } from './support/throughput.mjs';

const kind = KINDS.numbers;

const ours = (name, open) => ({ name, ours: true, open });

const spawned = ours('spawn', (items) => addon.oursNumbers(items, 0));

export default [
  () =>
    compareThroughput({
      kind,
      title: 'numbers by constructor',
      sources: [
        floor(kind),
        spawned,
        ours('from_iter', addon.oursFromIter),
        ours('pull_iter', addon.oursPullIter),
        ours('from_stream, always ready', addon.oursFromStream),
        ours('from_stream, a tokio channel that a task sends to', addon.oursFromChannel),
        ours('from_stream, a tokio channel that a thread sends to', addon.oursFromChannelOfThread),
        ours(
          'from_stream, an unbounded tokio channel that a thread sends to',
          addon.oursFromUnboundedChannel,
        ),
        ours('generator', addon.oursGenerator),
        ...rustPeers(kind).filter(({ name }) => name === ASYNC_GENERATOR),
      ],
      references: [FLOOR, spawned.name],
    }),
];
