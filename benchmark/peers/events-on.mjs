import { EventEmitter, on } from 'node:events';
import { pushInBursts } from './bursts.mjs';

/** Returns a stream of arrays of arguments, with one argument each. */
export function eventsOn(items, count) {
  const emitter = new EventEmitter();
  const stream = on(emitter, 'item', { close: ['end'] });
  pushInBursts(items, count, (item) => emitter.emit('item', item)).then(() => emitter.emit('end'));
  return stream;
}
