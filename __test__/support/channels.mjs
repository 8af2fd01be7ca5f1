// Functions that the tests of channels share.

import { Channel } from 'async-iterable-bridge';

export const DONE = { value: undefined, done: true };

/** Opens both ends of a new channel in this thread. */
export function opened(options) {
  const channel = new Channel(options);
  return { channel, sender: channel.sender(), receiver: channel.receiver() };
}

export async function collect(iterable) {
  const items = [];
  for await (const item of iterable) items.push(item);
  return items;
}

/** Pushes all items, and returns the answers. */
export const pushAll = (sender, ...items) => items.map((item) => sender.push(item));
