import { EventEmitter, on } from 'node:events';
import { pushInBursts } from './bursts.mjs';

/** Gives arrays of arguments, of one each. */
export function eventsOn(items, count) {
  const emitter = new EventEmitter();
  const stream = on(emitter, 'item', { close: ['end'] });
  pushInBursts(items, count, (item) => emitter.emit('item', item)).then(() => emitter.emit('end'));
  return stream;
}
