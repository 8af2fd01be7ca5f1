import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import { Channel } from '../../../index.mjs';

const ITEMS = 100_000;

export async function channel() {
  const worker = new Worker(new URL('./worker.mjs', import.meta.url));
  await once(worker, 'message');
  return {
    title: 'objects from a worker',
    close: () => worker.terminate(),
    ways: [
      {
        way: 'postMessage(), a listener',
        work() {
          const { port1, port2 } = new MessageChannel();
          let items = 0;
          let sum = 0;
          worker.postMessage({ count: ITEMS, port: port2 }, [port2]);
          return new Promise((resolve) => {
            port1.on('message', ({ number }) => {
              items++;
              sum += number;
              if (items < ITEMS) return;
              port1.close();
              resolve({ items, sum });
            });
          });
        },
      },
      {
        way: 'Channel, for await',
        async work() {
          const channel = new Channel();
          worker.postMessage({ count: ITEMS, handle: channel.handle });
          let items = 0;
          let sum = 0;
          for await (const { number } of channel.receiver()) {
            items++;
            sum += number;
          }
          return { items, sum };
        },
      },
    ],
  };
}
