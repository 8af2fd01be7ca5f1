// Channels and the event bus over them, as programs with worker threads would use them. Never run.

import { Worker, workerData } from 'node:worker_threads';
import {
  type AsyncIterableBridge,
  AsyncIterableBridgeCaller,
  AsyncIterableBridgeHandler,
  type AsyncIterableEventBus,
  type BridgeOptions,
  Channel,
  type ChannelHandle,
  type ChannelOptions,
  createEventBus,
  type EventBus,
  eventBusMetrics,
  type IteratorEvent,
  type RequestCancelEvent,
  type RequestEvent,
  type Sender,
} from 'async-iterable-bridge';
import { isExactly } from './is-exactly.mjs';

type Block = { slot: number; data: Uint8Array };
type Range = { from: number; to: number };

const bridgeOptions: BridgeOptions = { capacity: 1, signal: new AbortController().signal };
const options: ChannelOptions = { ...bridgeOptions, overflow: 'drop-oldest', senders: 2 };

const channel = new Channel<Block>(options);
isExactly<Channel<Block>>()(channel);
isExactly<Channel<unknown>>()(new Channel());
isExactly<ChannelHandle<Block>>()(channel.handle);
isExactly<AsyncIterableBridge<Block>>()(channel.receiver());
isExactly<Sender<Block>>()(channel.sender());
const text: string = channel.handle;

const worker = new Worker('worker.mjs');
isExactly<AsyncIterableBridge<Block>>()(channel.receiver({ worker }));
isExactly<AsyncIterableBridge<Block>>()(channel.receiver({ worker: [worker, worker] }));
isExactly<Sender<Block>>()(channel.sender({ worker }));
isExactly<Sender<Block>>()(channel.sender({ worker: undefined }));
// @ts-expect-error: one receiver, one worker
channel.sender({ worker: [worker] });

// The type of the handle includes the type of the items, also within a message.
isExactly<Channel<Block>>()(Channel.from(channel.handle));
const message: { handle: ChannelHandle<Block> } = { handle: channel.handle };
isExactly<Sender<Block>>()(Channel.from(message.handle).sender());
// When that type is lost, the program states it.
isExactly<Channel<Block>>()(Channel.from<Block>(workerData));
isExactly<Channel<Block>>()(Channel.from(text as ChannelHandle<Block>));

export async function send(sender: Sender<Block>, block: Block): Promise<void> {
  isExactly<boolean>()(sender.push(block));
  isExactly<boolean>()(sender.push(Promise.resolve(block)));
  isExactly<boolean>()(await sender.send(block));
  isExactly<boolean>()(await sender.send(Promise.resolve(block)));
  isExactly<boolean>()(await sender.ready());
  isExactly<boolean>()(await sender.flush());
  isExactly<AbortSignal>()(sender.signal);
  isExactly<void>()(sender.fail('reason'));
  isExactly<void>()(sender.fail());
  isExactly<void>()(sender.done());
}

const bus = createEventBus<Range, Block>('blocks');
isExactly<EventBus<Range, Block>>()(bus);
isExactly<EventBus<unknown, unknown>>()(createEventBus('any'));
isExactly<string>()(bus.name);
isExactly<true>()(bus.waitsForConsumer);
isExactly<void>()(bus.close());
isExactly<void>()(bus.emitRequest({ callArgs: { from: 1, to: 2 }, id: 0 }));
isExactly<Promise<void>>()(bus.emitRequestCancel({ id: 0 }));
isExactly<Promise<boolean> | undefined>()(bus.emitResponse({ type: 'iterator.done', id: 0 }));
bus.onRequest((event) => isExactly<RequestEvent<Range>>()(event));
bus.onRequestCancel((event) => isExactly<RequestCancelEvent>()(event));
bus.onResponse((event) => isExactly<IteratorEvent<Block>>()(event));

const anyBus: AsyncIterableEventBus<Range, Block> = bus;
isExactly<AsyncIterableBridgeCaller<Range, Block>>()(new AsyncIterableBridgeCaller(bus));
isExactly<AsyncIterableBridgeHandler<Range, Block>>()(
  new AsyncIterableBridgeHandler(bus, async function* ({ from, to }) {
    for (let slot = from; slot < to; slot++) yield { slot, data: new Uint8Array(slot) };
  }),
);
isExactly<string>()(eventBusMetrics());

export function wrongUses(sender: Sender<Block>): void {
  // @ts-expect-error: items of another type.
  sender.push('block');
  // @ts-expect-error: a text that need not be a handle.
  Channel.from(text);
  // @ts-expect-error: a handle for other items.
  Channel.from<string>(channel.handle);
  // @ts-expect-error: an option that does not exist.
  new Channel({ sender: 1 });
  // @ts-expect-error: only channels have handles.
  channel.handle = message.handle;
  // @ts-expect-error: a name is needed.
  createEventBus();
  // @ts-expect-error: arguments of another type.
  bus.emitRequest({ callArgs: 1, id: 0 });
  // @ts-expect-error: there is one text for all buses.
  eventBusMetrics('blocks');
}

export const used = { anyBus };
