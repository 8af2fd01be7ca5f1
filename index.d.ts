/// <reference lib="esnext.disposable" />
/// <reference types="node" />

export * from './lib/channel/channel.js';
export * from './lib/requests/event-bus.js';
export * from './lib/streams/open-streams.js';

/**
 * The options of a stream: how it buffers, starts and is cancelled.
 *
 * A property that is `undefined` means its default. A wrong type throws `ERR_INVALID_ARG_TYPE`, and
 * a number outside its range throws `ERR_OUT_OF_RANGE`. Both throw at the call and not later, as
 * Node's own functions do. Unknown properties are ignored.
 */
export interface BridgeOptions {
  /**
   * The most items that wait in the queue: a positive integer. `1` keeps the producer at most one
   * item ahead of the consumer.
   *
   * @defaultValue 1024
   */
  capacity?: number | undefined;
  /**
   * The most bytes that wait in the queue: a positive integer. A single larger item still passes,
   * alone in the queue.
   *
   * @defaultValue 16777216 (16 MiB)
   */
  maxBytes?: number | undefined;
  /**
   * The policy for a new item when the queue is full. `'block'`: its producer waits.
   * `'drop-oldest'`: the oldest waiting item is dropped. `'drop-newest'`: the new item is dropped.
   * `'error'`: the push throws `ERR_QUEUE_FULL`. Another value throws `ERR_INVALID_ARG_VALUE`.
   *
   * @defaultValue 'block'
   */
  overflow?: 'block' | 'drop-oldest' | 'drop-newest' | 'error' | undefined;
  /**
   * Milliseconds, from 0 to 2147483647. While items are delivered without a pause, the stream yields
   * to the event loop at least this often, so that timers and sockets keep running.
   *
   * @defaultValue 5
   */
  timeSlice?: number | undefined;
  /**
   * The start of the producer. `'lazy'`: nothing runs before the first `next()`, exactly like a
   * generator. `'eager'`: the producer starts at once. Another value throws `ERR_INVALID_ARG_VALUE`.
   *
   * @defaultValue 'lazy'
   */
  start?: 'lazy' | 'eager' | undefined;
  /**
   * The signal that cancels the stream: a pending `next()` rejects with `signal.reason`. If the
   * signal is aborted beforehand, the producer never starts and the first `next()` rejects.
   *
   * @defaultValue none
   */
  signal?: AbortSignal | undefined;
}

/**
 * The options of a ready-made source. A source can always wait for capacity, so it never drops an
 * item: any `overflow` other than `'block'` throws `ERR_INVALID_ARG_VALUE`.
 */
export interface SourceOptions extends BridgeOptions {
  overflow?: 'block' | undefined;
}

/** The counters and the state of a stream. */
export interface BridgeStats {
  /** Items that the producer has put into the queue. */
  pushed: number;
  /** Items that the consumer has received. */
  delivered: number;
  /** Items that were lost to the `overflow` policy, or were still waiting when the consumer left. */
  dropped: number;
  /** Items that the producer itself left out: the unreadable entries of a `walk` with `errors: 'skip'`. */
  skipped: number;
  /** Items that wait in the queue now. */
  buffered: number;
  /** Bytes that wait in the queue now. */
  bufferedBytes: number;
  /** The bound of the queue, in items. */
  capacity: number;
  /** The number of times that the JavaScript thread was woken: once per burst, not once per item. */
  wakes: number;
  /**
   * The number of times that a producer waited because the queue was full. A producer spins through
   * short waits, which are not counted.
   */
  producerWaits: number;
  /**
   * The state of the stream. `'idle'`: not started. `'open'`: started. Then one of the three ends:
   * `'closed'` (the normal one), `'failed'` (with an error) or `'cancelled'` (the consumer left).
   */
  state: 'idle' | 'open' | 'closed' | 'failed' | 'cancelled';
}

/**
 * A stream that Rust feeds and `for await` consumes. The functions of this package create streams;
 * there is no public constructor.
 *
 * It behaves like the object that an `async function*` returns (ECMA-262, AsyncGenerator Objects),
 * with three differences, which
 * [the contract](https://github.com/async-iterable-bridge/async-iterable-bridge/blob/main/docs/contract.md)
 * explains. The most important one: a `return()` or `throw()` while `next()` is pending settles that `next()`
 * with `done: true` at once. A generator would wait for it, perhaps for ever.
 *
 * A method called on anything other than a stream returns a promise that rejects with a `TypeError`.
 */
export class AsyncIterableBridge<T>
  implements AsyncIterableIterator<T, undefined>, AsyncDisposable
{
  private constructor();

  /**
   * Returns the next item, or `{ value: undefined, done: true }` after the end. The caller may call
   * it again before the last call has settled: all calls settle, in the order of the calls.
   *
   * Rejects once with the reason if the stream failed, after the items that came before the failure.
   */
  next(): Promise<IteratorResult<T, undefined>>;

  /**
   * Leaves the stream: drops the buffered items, cancels the producer, and ends the stream for ever.
   * `break` in a `for await` calls it. Resolves with `{ value, done: true }`, or rejects if `value`
   * does.
   */
  return(): Promise<IteratorReturnResult<undefined>>;
  return<R>(value: R): Promise<IteratorReturnResult<Awaited<R>>>;

  /** Leaves the stream like `return()`, and always rejects with `error`. */
  throw(error?: unknown): Promise<IteratorResult<T, undefined>>;

  /** Returns the stream itself, which can be consumed once. */
  [Symbol.asyncIterator](): this;

  /** Calls `return()`, for `await using`. Present on every supported runtime. */
  [Symbol.asyncDispose](): Promise<void>;

  /**
   * Returns an iterator that reads the same stream a whole batch at a time. A batch is never empty,
   * and has as many items as are ready. This is the fastest way to consume a stream. Leaving the
   * iterator leaves the stream.
   *
   * It is also the method `Symbol.for('Stream.toAsyncStreamable')`, so `node:stream/iter` (of Node 24
   * and later, experimental) takes a stream of Buffers batch by batch.
   */
  batches(): AsyncIterableIterator<T[], undefined>;

  /** A snapshot of the counters and the state of the stream. */
  readonly stats: BridgeStats;
}

/** The result of {@link createAsyncIterable}. The functions need no `this`. */
export interface PushedAsyncIterable<T> {
  /** The stream of the pushed items. Like a generator, it can be consumed once. */
  readonly iterable: AsyncIterableBridge<T>;

  /**
   * Takes an item, and returns whether to go on. A promise or thenable is awaited in its place; if it
   * rejects, the stream fails there with its reason.
   *
   * @returns `false` when the buffer is full: wait for `ready()`. The item was still taken or, with
   * an `overflow` that drops, the policy was applied. Also `false` after the end; then the item was
   * not taken.
   * @throws `ERR_QUEUE_FULL`, with `overflow: 'error'` and a full buffer; the item was not taken.
   */
  push(item: T | PromiseLike<T>): boolean;

  /** Ends the stream after the pushed items. */
  done(): void;

  /** Fails the stream after the pushed items: it rejects with exactly `reason`. */
  fail(reason?: unknown): void;

  /** Resolves with `true` when there is capacity, and with `false` when the stream has ended. */
  ready(): Promise<boolean>;

  /**
   * The signal that aborts when the consumer has left: by `break`, by `return()`, by its own signal,
   * or by forgetting the stream.
   */
  readonly signal: AbortSignal;
}

/**
 * Creates a push function and an iterable of the pushed items, in one thread: the well-known pattern.
 *
 * @param options - Against `maxBytes`, a string weighs its length, a typed array or buffer its bytes,
 * and anything else 8. `push` cannot wait, so with `overflow: 'block'` it takes an item beyond the
 * bounds, too. The producer runs already, so `start` has no effect.
 * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` or `ERR_INVALID_ARG_VALUE`, at the call.
 *
 * @example
 * ```js
 * const { iterable, push, done, signal } = createAsyncIterable();
 * const timer = setInterval(() => push(Date.now()), 100);
 * signal.addEventListener('abort', () => clearInterval(timer));
 * for await (const time of iterable) if (time > 0) break;
 * ```
 */
export function createAsyncIterable<T>(options?: BridgeOptions): PushedAsyncIterable<T>;

/**
 * Returns a stream of the numbers from `start` up to, but not including, `end`, counted by Rust.
 *
 * Rust counts them in this thread: a batch of at most `capacity` numbers, whenever the consumer has read the batch
 * before. With `start: 'eager'`, a Rust task counts ahead.
 *
 * @param start - The first number: finite.
 * @param end - The end, not included: finite.
 * @param step - The distance between two numbers: finite and not 0. With a negative one, the range
 * counts down. If `end` is not in the step's direction, the range is empty.
 * Defaults to 1.
 * @param options - Bounds, start and cancellation. May take the place of `step`.
 * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` or `ERR_INVALID_ARG_VALUE`, at the call.
 *
 * @example
 * ```js
 * for await (const number of range(0, 10, 2)) console.log(number); // 0 2 4 6 8
 * ```
 */
export function range(
  start: number,
  end: number,
  step?: number,
  options?: SourceOptions,
): AsyncIterableBridge<number>;
export function range(
  start: number,
  end: number,
  options?: SourceOptions,
): AsyncIterableBridge<number>;

/** The options of {@link readLines}. */
export interface ReadLinesOptions extends SourceOptions {
  /**
   * The form of the lines. `'utf8'` (or `'utf-8'`) gives strings, in which invalid bytes become U+FFFD
   * as in Node; `'buffer'` gives the raw bytes. Another value throws `ERR_INVALID_ARG_VALUE`.
   *
   * @defaultValue 'utf8'
   */
  encoding?: 'utf8' | 'utf-8' | 'buffer' | undefined;
  /**
   * The most bytes in one line: a positive integer. A longer line fails the stream with
   * `ERR_LINE_TOO_LONG` and the line's number.
   *
   * @defaultValue 67108864 (64 MiB)
   */
  maxLineBytes?: number | undefined;
}

/**
 * Returns a stream of the lines of a file, without their `\n` or `\r\n`. The last line may lack its
 * newline; an empty file has no lines. FIFOs and `/dev/stdin` can be read, too.
 *
 * @param path - A path, or a `file:` URL. A Buffer is taken byte by byte, for names that are not
 * UTF-8.
 * @param options - With `encoding: 'buffer'` the lines are Buffers. Strings and small Buffers are parts
 * of a piece of 64 KiB at most, as the chunks of Node's own file streams are. Each keeps its whole
 * piece alive: copy a line that is kept for long (`Buffer.from(line)`). Around a small Buffer, its
 * `buffer` holds other lines or arbitrary bytes, as with `Buffer.allocUnsafe`.
 * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` or `ERR_INVALID_ARG_VALUE`, at the call. If the
 * operating system refuses to read, `next()` rejects instead, with an error like Node's own
 * (`code`, `errno`, `syscall`, `path`). If the permissions of Node or Deno refuse, it rejects with the error of `fs`.
 *
 * @example
 * ```js
 * for await (const line of readLines('server.log')) console.log(line.length);
 * ```
 */
export function readLines(
  path: string | Uint8Array | URL,
  options: ReadLinesOptions & { encoding: 'buffer' },
): AsyncIterableBridge<Buffer>;
export function readLines(
  path: string | Uint8Array | URL,
  options?: ReadLinesOptions & { encoding?: 'utf8' | 'utf-8' | undefined },
): AsyncIterableBridge<string>;
export function readLines(
  path: string | Uint8Array | URL,
  options?: ReadLinesOptions,
): AsyncIterableBridge<string> | AsyncIterableBridge<Buffer>;

/** The options of {@link walk}. */
export interface WalkOptions extends SourceOptions {
  /**
   * The number of levels below the root to enter: a non-negative integer. `0` gives only the root,
   * `1` the root and its children, `Infinity` everything.
   *
   * @defaultValue Infinity
   */
  maxDepth?: number | undefined;
  /**
   * Whether entries whose name begins with a dot are included.
   *
   * @defaultValue true
   */
  hidden?: boolean | undefined;
  /**
   * Whether to leave out the entries that git ignores: by `.gitignore` files, also those of the
   * root's parents, by `.git/info/exclude` and by the user's own list. The root need not be in a
   * repository.
   *
   * @defaultValue false
   */
  gitignore?: boolean | undefined;
  /**
   * Whether symbolic links stand for their targets, so that directories behind them are walked, too.
   * A link without a target remains a `'symlink'`. A link that points back to a directory above it
   * is an unreadable entry (`ELOOP`). A root that is a link is always followed.
   *
   * @defaultValue false
   */
  followSymlinks?: boolean | undefined;
  /**
   * Whether entries have `size` and `modified`. It costs a system call for each entry.
   *
   * @defaultValue false
   */
  stat?: boolean | undefined;
  /**
   * The number of threads that walk: an integer from 1 to 1024.
   *
   * @defaultValue as many as the machine has cores, at most 12
   */
  threads?: number | undefined;
  /**
   * The treatment of an unreadable entry: `'throw'` fails the stream with its error, `'skip'` leaves
   * it out and counts it in `stats.skipped`. A root that cannot be read fails the stream in any case.
   * Another value throws `ERR_INVALID_ARG_VALUE`.
   *
   * @defaultValue 'throw'
   */
  errors?: 'throw' | 'skip' | undefined;
}

/** A file, directory or other entry that {@link walk} found. */
export interface WalkEntry {
  /** The root, without superfluous separators, joined with the path from there to this entry. */
  path: string;
  /** The last part of `path`. Bytes that are not UTF-8 become U+FFFD, here and in `path`. */
  name: string;
  /** The number of levels below the root: 0 for the root, 1 for its children. */
  depth: number;
  /** The type of the entry. With `followSymlinks`, the type of a link's target, if that exists. */
  type: 'file' | 'directory' | 'symlink' | 'other';
  /** The size in bytes. Only with `stat: true`. */
  size?: number;
  /** The time when the content was last modified. Only with `stat: true`. */
  modified?: Date;
}

/**
 * Returns a stream of everything below a directory, found by several threads. The root itself comes
 * first, at depth 0, as in `find`. A directory comes before its entries; beyond that there is no order.
 *
 * @param root - A path, or a `file:` URL. A Buffer is taken byte by byte, for names that are not
 * UTF-8. A root that is not a directory is the only entry.
 * @param options - The entries to include, and the treatment of errors.
 * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` or `ERR_INVALID_ARG_VALUE`, at the call. If the
 * operating system refuses to read, `next()` rejects instead, with an error like Node's own
 * (`code`, `errno`, `syscall`, `path`). If the permissions of Node or Deno refuse, it rejects with the error of `fs`.
 *
 * @example
 * ```js
 * for await (const { path, type } of walk('src')) console.log(type, path);
 * ```
 */
export function walk(
  root: string | Uint8Array | URL,
  options: WalkOptions & { stat: true },
): AsyncIterableBridge<Required<WalkEntry>>;
export function walk(
  root: string | Uint8Array | URL,
  options?: WalkOptions,
): AsyncIterableBridge<WalkEntry>;
