/** This project's channel, whose sender awaits every item. */

import { Channel } from '../../../index.mjs';

export { connect } from './channel-push.mjs';

export function producer(_, items) {
  return async (count, handle) => {
    const sender = Channel.from(handle).sender();
    for (let index = 0; index < count; index++) await sender.send(items[index]);
    sender.done();
  };
}
