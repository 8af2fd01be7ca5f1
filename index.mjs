// The CommonJS module is the only instance: both ways of importing give the same functions, the
// same class and the same native hub.
import bridge from './index.js';

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
} = bridge;
