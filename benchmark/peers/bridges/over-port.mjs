import { MessageChannel } from 'node:worker_threads';

/**
 * Returns the bus of a request bridge over a MessagePort in its usual form: each event is a message.
 *
 * @param {import('node:worker_threads').MessagePort} port
 */
function portBus(port) {
  const listeners = {};
  port.on('message', ({ name, event }) => listeners[name](event));
  const emit = (name) => (event) => port.postMessage({ name, event });
  const on = (name) => (listener) => {
    listeners[name] = listener;
  };
  return {
    emitRequest: emit('request'),
    emitRequestCancel: emit('cancel'),
    emitResponse: emit('response'),
    onRequest: on('request'),
    onRequestCancel: on('cancel'),
    onResponse: on('response'),
  };
}

/** Returns the functions that give each of two threads its half of a request bridge, with that bus between them. */
export const overPort = (Caller, Handler) => ({
  connect() {
    const { port1, port2 } = new MessageChannel();
    return { end: port2, transferList: [port2], caller: new Caller(portBus(port1)) };
  },
  serve(port, handler) {
    new Handler(portBus(port), handler);
  },
});
