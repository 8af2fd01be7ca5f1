// Streams over an event bus, as a program that comes from Lodestar would use them. Never run.

import {
  type AsyncIterableBridge,
  AsyncIterableBridgeCaller,
  AsyncIterableBridgeHandler,
  type AsyncIterableEventBus,
  type BridgeCallerOptions,
  type BridgeHandlerOptions,
  type IteratorEvent,
  IteratorEventType,
  type RequestCancelEvent,
  type RequestEvent,
} from 'async-iterable-bridge';
import { isExactly } from './is-exactly.mjs';

type Args = { from: number };
type SentError = { text: string };

/** An object that emits events to listeners, like EventEmitter. */
declare const emitter: {
  emit(name: string, event: unknown): boolean;
  on(name: string, listener: (event: never) => void): void;
};

const bus: AsyncIterableEventBus<Args, string> = {
  emitRequest: (event) => emitter.emit('request', event),
  emitRequestCancel: (event) => emitter.emit('cancel', event),
  emitResponse: (event) => emitter.emit('response', event),
  onRequest: (listener) => emitter.on('request', listener),
  onRequestCancel: (listener) => emitter.on('cancel', listener),
  onResponse: (listener) => emitter.on('response', listener),
};
const withoutCancel: AsyncIterableEventBus<Args, string> = {
  emitRequest: bus.emitRequest,
  emitResponse: bus.emitResponse,
  onRequest: bus.onRequest,
  onResponse: bus.onResponse,
};
/** A bus with the types of a program that does not know buses that wait. */
declare const plainBus: {
  emitRequest(event: RequestEvent<Args>): void;
  emitRequestCancel(event: RequestCancelEvent): void;
  emitResponse(event: IteratorEvent<string>): void;
  onRequest(listener: (event: RequestEvent<Args>) => void): void;
  onRequestCancel(listener: (event: RequestCancelEvent) => void): void;
  onResponse(listener: (event: IteratorEvent<string>) => void): void;
};
let receive: (event: IteratorEvent<string>) => Promise<boolean> | undefined;
const waitingBus: AsyncIterableEventBus<Args, string> = {
  ...bus,
  waitsForConsumer: true,
  emitResponse: async (event) => receive(event),
  onResponse: (listener) => {
    receive = listener;
  },
};

const callerOptions: BridgeCallerOptions = {
  capacity: 1,
  maxBytes: undefined,
  timeSlice: 5,
  timeout: 1000,
  fromThreadBoundaryError: ({ text }: SentError) => new Error(text),
};
const handlerOptions: BridgeHandlerOptions = {
  toThreadBoundaryError: (error: Error): SentError => ({ text: error.message }),
};

const caller = new AsyncIterableBridgeCaller(bus, callerOptions);
isExactly<AsyncIterableBridgeCaller<Args, string>>()(caller);
isExactly<AsyncIterableBridgeCaller<Args, string>>()(new AsyncIterableBridgeCaller(plainBus));
isExactly<number>()(caller.pendingCount);
const iterable: AsyncIterable<string> = caller.getAsyncIterable({ from: 1 });
isExactly<AsyncIterableBridge<string>>()(
  caller.getAsyncIterable({ from: 1 })[Symbol.asyncIterator](),
);

const handler = new AsyncIterableBridgeHandler(
  bus,
  async function* ({ from }: Args) {
    yield String(from);
  },
  handlerOptions,
);
isExactly<number>()(handler.iteratingCount);
new AsyncIterableBridgeHandler<Args, string>(withoutCancel, ({ from }) => [String(from)]);
new AsyncIterableBridgeCaller<Args, string>({
  emitRequest: bus.emitRequest,
  onResponse: bus.onResponse,
});

export async function consume(): Promise<void> {
  for await (const item of iterable) isExactly<string>()(item);
}

export function handle(event: IteratorEvent<string>): string {
  switch (event.type) {
    case IteratorEventType.next:
      return event.item;
    case IteratorEventType.done:
      return 'done';
    case IteratorEventType.error:
      return String(event.error);
  }
}

const type: IteratorEventType = IteratorEventType.next;
const nextType: IteratorEventType.next = IteratorEventType.next;
isExactly<'iterator.next'>()(nextType);
export const used = { type, waitingBus };

export function wrongUses(): void {
  // @ts-expect-error: a bus that can only be answered.
  new AsyncIterableBridgeCaller({ onRequest: bus.onRequest, emitResponse: bus.emitResponse });
  // @ts-expect-error: arguments of another type.
  caller.getAsyncIterable({ to: 1 });
  // @ts-expect-error: items of another type.
  new AsyncIterableBridgeHandler<Args, string>(bus, () => [1]);
  // @ts-expect-error: the policy follows from the bus.
  new AsyncIterableBridgeCaller(bus, { overflow: 'drop-oldest' });
  // @ts-expect-error: there is no such event.
  IteratorEventType.cancel;
  // @ts-expect-error: counts are read only.
  caller.pendingCount = 0;
}
