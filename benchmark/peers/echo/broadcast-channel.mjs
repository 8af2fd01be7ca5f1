import { BroadcastChannel } from 'node:worker_threads';

const NAME = 'round trips of the benchmark';

export function connect() {
  const channel = new BroadcastChannel(NAME);
  let resolveAnswer;
  channel.onmessage = ({ data }) => resolveAnswer(data);
  return {
    end: NAME,
    roundTrip: (item) =>
      new Promise((resolve) => {
        resolveAnswer = resolve;
        channel.postMessage(item);
      }),
  };
}

export function echo(name) {
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }) => channel.postMessage(data);
}
