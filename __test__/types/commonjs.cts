// The types that a CommonJS program sees. Never run.

import bridge = require('async-iterable-bridge');

const numbers: bridge.AsyncIterableBridge<number> = bridge.range(0, 1, { capacity: 1 });
const lines: bridge.AsyncIterableBridge<string> = bridge.readLines('path');
const buffers: bridge.AsyncIterableBridge<Buffer> = bridge.readLines('path', {
  encoding: 'buffer',
});
const entries: bridge.AsyncIterableBridge<bridge.WalkEntry> = bridge.walk('root');
const pushed: bridge.PushedAsyncIterable<number> = bridge.createAsyncIterable<number>();
const bridgeOptions: bridge.BridgeOptions = { overflow: 'error' };
const sourceOptions: bridge.SourceOptions = { start: 'lazy' };
const linesOptions: bridge.ReadLinesOptions = sourceOptions;
const walkOptions: bridge.WalkOptions = sourceOptions;
const stats: bridge.BridgeStats = numbers.stats;
const caller = new bridge.AsyncIterableBridgeCaller<number, string>({
  emitRequest: (event: bridge.RequestEvent<number>) => event.id,
  onResponse: () => {},
});
const answer: AsyncIterable<string> = caller.getAsyncIterable(1);
const channelOptions: bridge.ChannelOptions = { senders: 2, capacity: 1 };
const channel = new bridge.Channel<string>(channelOptions);
const handle: bridge.ChannelHandle<string> = channel.handle;
const sender: bridge.Sender<string> = bridge.Channel.from(handle).sender();
const bus: bridge.EventBus<number, string> = bridge.createEventBus<number, string>('bus');
const metrics: string = bridge.eventBusMetrics();
const doneEvent: bridge.IteratorEvent<string> = { type: bridge.IteratorEventType.done, id: 1 };
const isStream: boolean = lines instanceof bridge.AsyncIterableBridge;

// @ts-expect-error: there is no default export.
bridge.default;
// @ts-expect-error: a source never drops items.
bridge.walk('root', bridgeOptions);

export = {
  numbers,
  lines,
  buffers,
  entries,
  pushed,
  linesOptions,
  walkOptions,
  stats,
  answer,
  sender,
  bus,
  metrics,
  doneEvent,
  isStream,
};
