// Event buses, as programs write them.

import { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { MessageChannel } from 'node:worker_threads';

/** Returns a bus within one thread. `log` has every event that went through it. */
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

/** Returns a bus that waits for the consumer: `waits` has the answers of the Caller, one for each response. */
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

/** Returns a bus over one end of a MessagePort, or over another object that posts and emits messages. */
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

/** Runs a test over the two ends of a MessageChannel, and closes the channel in any case. */
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

/** Returns the iterator of a new request. */
export const ask = (caller, callArgs) => caller.getAsyncIterable(callArgs)[Symbol.asyncIterator]();

/** Yields the numbers below `to`; some of them take a turn of the event loop. */
export async function* count({ to }) {
  for (let number = 0; number < to; number++) {
    if (number % 3 === 0) await turn();
    yield { number };
  }
}

export const numbered = (to) => Array.from({ length: to }, (_, number) => ({ number }));
