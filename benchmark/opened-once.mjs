/**
 * The cost of an item in a process that opens one stream, reads it once, and ends. Most of the time of a short
 * stream is the engine's warm-up.
 */

import { compare } from './harness.mjs';
import { runModule } from './support/runtime.mjs';
import { FLOOR, THREADSAFE_FUNCTION } from './support/sources.mjs';

const STREAMS = [
  { kind: 'numbers', title: 'numbers' },
  { kind: 'strings60', title: 'strings of 60 bytes' },
  { kind: 'rows4', title: 'rows of 4 fields' },
];
const COUNTS = [1000, 100_000];

const OURS = ['ours, blocking_send', 'ours, blocking_send_all'];

function contender(name, kind, count) {
  const play = async () => {
    const printed = runModule(
      'opened-once.mjs',
      [kind, name, String(count)],
      ['ignore', 'pipe', 'inherit'],
    );
    return { time: Number(printed) };
  };
  return { name, ours: OURS.includes(name), play };
}

export default STREAMS.flatMap(({ kind, title }) =>
  COUNTS.map((count) => () => {
    const names = [FLOOR, ...OURS, THREADSAFE_FUNCTION];
    return compare({
      title: `${count.toLocaleString('en')} ${title}, read once in a new process`,
      figures: { time: 'ns per item' },
      contenders: names.map((name) => contender(name, kind, count)),
      references: [FLOOR, THREADSAFE_FUNCTION],
    });
  }),
);
