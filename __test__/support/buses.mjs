// Event buses, as programs have them.

import { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { MessageChannel } from 'node:worker_threads';

/** A bus within one thread. `log` has every event that went through it. */
export function emitterBus({ cancels = true } = {}) {
  const emitter = new EventEmitter();
  const log = [];
  const emit = (name) => (event) => {
    log.push([name, event]);
    return emitter.emit(name, event);
  };
  const on = (name) => (listener) => emitter.on(name, listener);
  const bus = {
    emitRequest: emit('request'),
    emitResponse: emit('response'),
    onRequest: on('request'),
    onResponse: on('response'),
    log,
  };
  if (cancels) {
    bus.emitRequestCancel = emit('cancel');
    bus.onRequestCancel = on('cancel');
  }
  return bus;
}

/** A bus that waits for the consumer: `waits` has what the Caller answered to each response. */
export function waitingBus() {
  const bus = emitterBus();
  const waits = [];
  let receive;
  return {
    ...bus,
    waitsForConsumer: true,
    waits,
    onResponse: (listener) => {
      receive = listener;
    },
    emitResponse: async (event) => {
      const wait = receive(event);
      waits.push(wait);
      return wait;
    },
  };
}

/** The end of a MessagePort, or of whatever else posts messages and emits them. */
export function portBus(port) {
  const emit = (name) => (event) => port.postMessage({ name, event });
  const on = (name) => (listener) =>
    port.on('message', (message) => {
      if (message.name === name) listener(message.event);
    });
  return {
    emitRequest: emit('request'),
    emitResponse: emit('response'),
    emitRequestCancel: emit('cancel'),
    onRequest: on('request'),
    onResponse: on('response'),
    onRequestCancel: on('cancel'),
  };
}

/** Runs a test over the two ends of a MessageChannel, which is closed in any case. */
export async function overPorts(test) {
  const { port1, port2 } = new MessageChannel();
  try {
    await test({ calling: portBus(port1), answering: portBus(port2) });
  } finally {
    port1.close();
  }
}

export async function collect(iterable) {
  const items = [];
  for await (const item of iterable) items.push(item);
  return items;
}

/** The iterator of a new request. */
export const ask = (caller, callArgs) => caller.getAsyncIterable(callArgs)[Symbol.asyncIterator]();

/** An answer of so many numbers, some of which take a turn of the event loop. */
export async function* count({ to }) {
  for (let number = 0; number < to; number++) {
    if (number % 3 === 0) await turn();
    yield { number };
  }
}

export const numbered = (to) => Array.from({ length: to }, (_, number) => ({ number }));
