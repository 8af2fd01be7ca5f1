/** This project's channel, whose sender waits when it is full. */

import { Channel } from '../../../index.mjs';

export function connect() {
  return {
    open(order) {
      const channel = new Channel();
      const stream = channel.receiver();
      order(channel.handle);
      return stream;
    },
  };
}

export function producer(_, items) {
  return async (count, handle) => {
    const sender = Channel.from(handle).sender();
    for (let index = 0; index < count; index++) {
      if (!sender.push(items[index])) await sender.ready();
    }
    sender.done();
  };
}
