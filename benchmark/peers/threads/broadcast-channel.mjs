/** A BroadcastChannel, one item in a message. */

import { BroadcastChannel } from 'node:worker_threads';
import { pushInBursts } from '../bursts.mjs';
import { successiveStreams } from './successive-streams.mjs';

const NAME = 'items of the benchmark';

export function connect() {
  const channel = new BroadcastChannel(NAME);
  return {
    end: NAME,
    open: successiveStreams((onItem) => {
      channel.onmessage = ({ data }) => onItem(data);
    }),
  };
}

export function producer(name, items) {
  const channel = new BroadcastChannel(name);
  return async (count) => {
    await pushInBursts(items, count, (item) => channel.postMessage(item));
    channel.postMessage(null);
  };
}
