// Every exported name, used as a program would, with each line's type stated. Never run.

import {
  AsyncIterableBridge,
  type BridgeOptions,
  type BridgeStats,
  createAsyncIterable,
  type OpenStream,
  openStreams,
  type PushedAsyncIterable,
  type ReadLinesOptions,
  range,
  readLines,
  type SourceOptions,
  type WalkEntry,
  type WalkOptions,
  walk,
} from 'async-iterable-bridge';
import { isExactly } from './is-exactly.mjs';

const bridgeOptions: BridgeOptions = {
  capacity: 1,
  maxBytes: 1,
  overflow: 'drop-oldest',
  timeSlice: 0.5,
  start: 'eager',
  signal: new AbortController().signal,
};
const sourceOptions: SourceOptions = { overflow: 'block', capacity: undefined };
const linesOptions: ReadLinesOptions = { ...sourceOptions, encoding: 'utf8', maxLineBytes: 80 };
const walkOptions: WalkOptions = {
  ...sourceOptions,
  maxDepth: Number.POSITIVE_INFINITY,
  hidden: false,
  gitignore: true,
  followSymlinks: true,
  stat: false,
  threads: 2,
  errors: 'skip',
};

isExactly<PushedAsyncIterable<number>>()(createAsyncIterable<number>(bridgeOptions));
isExactly<AsyncIterableBridge<unknown>>()(createAsyncIterable().iterable);

isExactly<AsyncIterableBridge<number>>()(range(0, 1));
isExactly<AsyncIterableBridge<number>>()(range(0, 1, -1));
isExactly<AsyncIterableBridge<number>>()(range(0, 1, 1, sourceOptions));
isExactly<AsyncIterableBridge<number>>()(range(0, 1, sourceOptions));
isExactly<AsyncIterableBridge<number>>()(range(0, 1, undefined, sourceOptions));

isExactly<AsyncIterableBridge<string>>()(readLines('path'));
isExactly<AsyncIterableBridge<string>>()(readLines(Buffer.from('path'), { maxLineBytes: 80 }));
isExactly<AsyncIterableBridge<string>>()(readLines('path', { encoding: 'utf-8' }));
isExactly<AsyncIterableBridge<Buffer>>()(
  readLines(new URL('file:///path'), { encoding: 'buffer' }),
);
isExactly<AsyncIterableBridge<string> | AsyncIterableBridge<Buffer>>()(
  readLines('path', linesOptions),
);

isExactly<AsyncIterableBridge<WalkEntry>>()(walk('root'));
isExactly<AsyncIterableBridge<WalkEntry>>()(walk(new URL('file:///root'), walkOptions));

export async function consume(): Promise<void> {
  for await (const number of range(0, 1)) isExactly<number>()(number);
  for await (const line of readLines('path')) isExactly<string>()(line);
  for await (const line of readLines('path', { encoding: 'buffer' })) isExactly<Buffer>()(line);
  for await (const numbers of range(0, 1).batches()) isExactly<number[]>()(numbers);

  for await (const entry of walk('root')) {
    isExactly<string>()(entry.path);
    isExactly<string>()(entry.name);
    isExactly<number>()(entry.depth);
    isExactly<'file' | 'directory' | 'symlink' | 'other'>()(entry.type);
    isExactly<number>()(entry.size ?? 0);
    isExactly<Date>()(entry.modified ?? new Date());
    // @ts-expect-error: without `stat` there may be no size.
    entry.size.toFixed();
  }
  for await (const entry of walk('root', { stat: true })) {
    isExactly<number>()(entry.size);
    isExactly<Date>()(entry.modified);
  }

  const { iterable: pushed, push, done, fail, ready, signal } = createAsyncIterable<number>();
  isExactly<boolean>()(push(1));
  isExactly<boolean>()(push(Promise.resolve(1)));
  isExactly<boolean>()(await ready());
  isExactly<void>()(fail('reason'));
  isExactly<void>()(done());
  isExactly<AbortSignal>()(signal);
  for await (const number of pushed) isExactly<number>()(number);

  const stream = range(0, 1);
  isExactly<IteratorResult<number, undefined>>()(await stream.next());
  isExactly<IteratorReturnResult<undefined>>()(await stream.return());
  isExactly<IteratorReturnResult<string>>()(await stream.return('value'));
  isExactly<IteratorReturnResult<string>>()(await stream.return(Promise.resolve('value')));
  isExactly<IteratorResult<number, undefined>>()(await stream.throw(new Error('reason')));
  isExactly<AsyncIterableBridge<number>>()(stream[Symbol.asyncIterator]());
  isExactly<Promise<void>>()(stream[Symbol.asyncDispose]());
  isExactly<BridgeStats>()(stream.stats);

  const stats: Record<Exclude<keyof BridgeStats, 'state'>, number> = stream.stats;
  const { state } = stream.stats;
  isExactly<'idle' | 'open' | 'closed' | 'failed' | 'cancelled'>()(state);

  const iterable: AsyncIterable<number> = stream;
  const iterator: AsyncIterator<number, undefined> = stream;
  const iterableIterator: AsyncIterableIterator<number> = stream;
  const isStream: boolean = iterable instanceof AsyncIterableBridge;
  console.log(stats, iterator, iterableIterator, isStream);
}

export function openOnes(): void {
  isExactly<OpenStream[]>()(openStreams());
  isExactly<boolean>()(openStreams.captureStacks);
  openStreams.captureStacks = true;
  for (const open of openStreams()) {
    const counters: BridgeStats = open;
    isExactly<string>()(open.kind);
    isExactly<number | undefined>()(open.threadId);
    isExactly<AsyncIterableBridge<unknown> | undefined>()(open.stream);
    isExactly<string | undefined>()(open.stack);
    console.log(counters, open.age, open.isAwaited);
  }
}

export function wrongUses(): void {
  // @ts-expect-error: only the package makes streams.
  new AsyncIterableBridge();
  // @ts-expect-error: items of another type.
  createAsyncIterable<number>().push('1');
  // @ts-expect-error: the end is missing.
  range(0);
  // @ts-expect-error: numbers, not strings.
  range('0', 1);
  // @ts-expect-error: nor bigints.
  range(0n, 1n);
  // @ts-expect-error: options stand in the step's place, or after it, but not twice.
  range(0, 1, {}, {});
  // @ts-expect-error: a source never drops items.
  range(0, 1, { overflow: 'drop-oldest' });
  // @ts-expect-error: nor takes options that would let it.
  range(0, 1, bridgeOptions);
  // @ts-expect-error: an encoding that does not exist here.
  readLines('path', { encoding: 'latin1' });
  // @ts-expect-error: no path.
  readLines();
  // @ts-expect-error: not a file descriptor.
  readLines(0);
  // @ts-expect-error: an option of `walk`.
  readLines('path', { maxDepth: 1 });
  // @ts-expect-error: no root.
  walk();
  // @ts-expect-error: neither of the two.
  walk('root', { errors: 'ignore' });
  // @ts-expect-error: a signal, not its controller.
  walk('root', { signal: new AbortController() });
  // @ts-expect-error: statistics are read only.
  range(0, 1).stats = range(0, 1).stats;
}
