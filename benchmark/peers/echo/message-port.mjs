import { MessageChannel } from 'node:worker_threads';

export function connect() {
  const { port1, port2 } = new MessageChannel();
  let resolveAnswer;
  port1.on('message', (item) => resolveAnswer(item));
  return {
    end: port2,
    transferList: [port2],
    roundTrip: (item) =>
      new Promise((resolve) => {
        resolveAnswer = resolve;
        port1.postMessage(item);
      }),
  };
}

export function echo(port) {
  port.on('message', (item) => port.postMessage(item));
}
