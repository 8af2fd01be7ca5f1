import { pushable } from 'it-pushable';
import { pushInBursts } from './bursts.mjs';

export function itPushable(items, count) {
  const stream = pushable({ objectMode: true });
  pushInBursts(items, count, (item) => stream.push(item)).then(() => stream.end());
  return stream;
}
