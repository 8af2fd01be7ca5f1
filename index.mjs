// The CommonJS module is the only instance: both ways of importing give the same functions, the
// same class and the same native hub. It throws without its addon. A program may catch that error,
// but Node 20 then ends the process if the module that throws was imported. So a call requires it.
import load from './lib/addon/load.js';

export const {
  AsyncIterableBridge,
  AsyncIterableBridgeCaller,
  AsyncIterableBridgeHandler,
  Channel,
  IteratorEventType,
  createAsyncIterable,
  createEventBus,
  eventBusMetrics,
  openStreams,
  range,
  readLines,
  walk,
} = load();
