/**
 * The bus of a request bridge over a MessagePort, as one writes it: each event is a message.
 *
 * @param {import('node:worker_threads').MessagePort} port
 */
export function portBus(port) {
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
