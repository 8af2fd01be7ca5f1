/// <reference lib="esnext.disposable" />
/// <reference types="node" />

export * from './lib/channel.js';
export * from './lib/event-bus.js';
export * from './lib/open-streams.js';

/**
 * How a stream buffers, starts and is cancelled.
 *
 * A property that is `undefined` means its default. A wrong type throws `ERR_INVALID_ARG_TYPE`
 * and a number outside its range `ERR_OUT_OF_RANGE`, both at the call and not later, as Node's own
 * functions do. Unknown properties are ignored.
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
   * The most bytes that wait in the queue: a positive integer. One item that is larger still
   * passes, alone.
   *
   * @defaultValue 16777216 (16 MiB)
   */
  maxBytes?: number | undefined;
  /**
   * What happens to an item that finds the queue full: its producer waits, the oldest waiting item
   * or the new one is dropped, or the push throws `ERR_QUEUE_FULL`. Another value throws
   * `ERR_INVALID_ARG_VALUE`.
   *
   * @defaultValue 'block'
   */
  overflow?: 'block' | 'drop-oldest' | 'drop-newest' | 'error' | undefined;
  /**
   * Milliseconds, from 0 to 2147483647: the event loop is handed back at least this often while
   * items are delivered without a pause, so that timers and sockets keep running.
   *
   * @defaultValue 5
   */
  timeSlice?: number | undefined;
  /**
   * `'lazy'`: nothing runs before the first `next()`, exactly like a generator. `'eager'`: the
   * producer starts at once. Another value throws `ERR_INVALID_ARG_VALUE`.
   *
   * @defaultValue 'lazy'
   */
  start?: 'lazy' | 'eager' | undefined;
  /**
   * Cancels the stream: a pending `next()` rejects with `signal.reason`. If the signal is aborted
   * beforehand, the producer never starts and the first `next()` rejects.
   *
   * @defaultValue none
   */
  signal?: AbortSignal | undefined;
}

/**
 * The options of a ready-made source. A source can always wait for room, so it never drops an item:
 * any `overflow` other than `'block'` throws `ERR_INVALID_ARG_VALUE`.
 */
export interface SourceOptions extends BridgeOptions {
  overflow?: 'block' | undefined;
}

/** What a stream has done so far. */
export interface BridgeStats {
  /** Items that the producer has put into the queue. */
  pushed: number;
  /** Items that the consumer has been given. */
  delivered: number;
  /** Items that were lost to the `overflow` policy, or were still waiting when the consumer left. */
  dropped: number;
  /** What the producer itself left out: the unreadable entries of a `walk` with `errors: 'skip'`. */
  skipped: number;
  /** Items that wait in the queue now. */
  buffered: number;
  /** Bytes that wait in the queue now. */
  bufferedBytes: number;
  /** The bound of the queue, in items. */
  capacity: number;
  /** How often the JavaScript thread was woken: once per burst, not once per item. */
  wakes: number;
  /** How often a producer went to sleep because there was no room. Short waits are waited awake. */
  producerWaits: number;
  /**
   * `'idle'`: not started. `'open'`: started. Then one of the three ends: `'closed'` (the normal
   * one), `'failed'` (with an error) or `'cancelled'` (the consumer left).
   */
  state: 'idle' | 'open' | 'closed' | 'failed' | 'cancelled';
}

/**
 * A stream that Rust feeds and `for await` consumes. The functions of this package make them; there
 * is no public constructor.
 *
 * It behaves like the object that an `async function*` returns (ECMA-262, AsyncGenerator Objects),
 * with three differences, which
 * [the contract](https://github.com/async-iterable-bridge/async-iterable-bridge/blob/main/docs/contract.md)
 * explains. The one to know: a `return()` or `throw()` while `next()` is pending settles that `next()` with
 * `done: true` at once, where a generator would wait for it, perhaps for ever.
 *
 * A method called on anything else than a stream returns a rejected promise with a `TypeError`.
 */
export class AsyncIterableBridge<T>
  implements AsyncIterableIterator<T, undefined>, AsyncDisposable
{
  private constructor();

  /**
   * The next item, or `{ value: undefined, done: true }` from the end on. May be called again
   * before the last call has settled: all settle, in the order of the calls.
   *
   * Rejects once with the reason if the stream failed, after the items that came before it.
   */
  next(): Promise<IteratorResult<T, undefined>>;

  /**
   * Leaves the stream: drops what is buffered, cancels the producer, and ends it for ever. `break`
   * in a `for await` calls it. Settles with `{ value, done: true }`, and rejects if `value` does.
   */
  return(): Promise<IteratorReturnResult<undefined>>;
  return<R>(value: R): Promise<IteratorReturnResult<Awaited<R>>>;

  /** Leaves the stream like `return()`, and always rejects with `error`. */
  throw(error?: unknown): Promise<IteratorResult<T, undefined>>;

  /** The stream itself: it can be consumed once. */
  [Symbol.asyncIterator](): this;

  /** `return()`, for `await using`. Present on every supported runtime. */
  [Symbol.asyncDispose](): Promise<void>;

  /**
   * The same stream, a whole batch at a time: never an empty one, and as many items as are ready.
   * The fastest way to consume. Leaving it leaves the stream.
   *
   * It is also the method `Symbol.for('Stream.toAsyncStreamable')`, so `node:stream/iter` (of Node 24
   * and later, experimental) takes a stream of Buffers batch by batch.
   */
  batches(): AsyncIterableIterator<T[], undefined>;

  /** A snapshot of what the stream has done so far. */
  readonly stats: BridgeStats;
}

/** What {@link createAsyncIterable} gives. The functions need no `this`. */
export interface PushedAsyncIterable<T> {
  /** The stream of what is pushed. Like a generator, it can be consumed once. */
  readonly iterable: AsyncIterableBridge<T>;

  /**
   * Takes an item, and says whether to go on. A promise or thenable is awaited in its place; if it
   * rejects, the stream fails there with its reason.
   *
   * @returns `false` when the buffer is full: wait for `ready()`. The item was taken all the same,
   * or, with an `overflow` that drops, the policy was followed. `false` after the end, too, and then
   * the item was not taken.
   * @throws `ERR_QUEUE_FULL`, with `overflow: 'error'` and a full buffer; the item was not taken.
   */
  push(item: T | PromiseLike<T>): boolean;

  /** Ends the stream after what was pushed. */
  done(): void;

  /** Ends the stream after what was pushed, with a rejection with exactly `reason`. */
  fail(reason?: unknown): void;

  /** Resolves with `true` when there is room, and with `false` when the stream has ended. */
  ready(): Promise<boolean>;

  /** Aborts when the consumer has left: by `break`, `return()`, its own signal, or forgetting. */
  readonly signal: AbortSignal;
}

/**
 * The well-known pattern of a push function and an iterable of what was pushed, in one thread.
 *
 * @param options - What a string weighs against `maxBytes` is its length, a typed array or buffer
 * its bytes, and anything else 8. `push` cannot wait, so with `overflow: 'block'` it takes an item
 * beyond the bounds, too. Whoever pushes runs already, so `start` has no effect.
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
 * The numbers from `start` up to, but not including, `end`, counted by Rust.
 *
 * They are counted in this thread, a batch of at most `capacity` whenever the consumer has read the one before; with
 * `start: 'eager'` ahead, in a Rust task.
 *
 * @param start - The first number: finite.
 * @param end - Where to stop, not included: finite.
 * @param step - The distance between two numbers: finite and not 0. With a negative one, the range
 * counts down. If `end` is not in the step's direction, the range is empty.
 * Defaults to 1.
 * @param options - Bounds, start and cancellation. May stand in the place of `step`.
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
   * `'utf8'` (or `'utf-8'`) gives strings, in which invalid bytes become U+FFFD as in Node;
   * `'buffer'` gives the raw bytes. Another value throws `ERR_INVALID_ARG_VALUE`.
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
 * The lines of a file, without their `\n` or `\r\n`. The last line may lack its newline; an empty
 * file has no lines. FIFOs and `/dev/stdin` can be read, too.
 *
 * @param path - A path, or a `file:` URL. A Buffer is taken byte by byte, for names that are not
 * UTF-8.
 * @param options - With `encoding: 'buffer'` the lines are Buffers. Strings and small Buffers are parts
 * of a piece of 64 KiB at most, as the chunks of Node's own file streams are, and each keeps its whole
 * piece alive: copy what is to be kept for long (`Buffer.from(line)`). Around a small Buffer, its
 * `buffer` holds other lines or arbitrary bytes, as with `Buffer.allocUnsafe`.
 * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` or `ERR_INVALID_ARG_VALUE`, at the call. What
 * the operating system refuses rejects `next()` instead, with an error like Node's own
 * (`code`, `errno`, `syscall`, `path`). So does what the permissions of Node or Deno refuse, with the error of `fs`.
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
   * How many levels below the root to enter: a non-negative integer. `0` gives only the root, `1`
   * the root and its children, `Infinity` everything.
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
   * Whether to leave out what git ignores: by `.gitignore` files, those of the root's parents too,
   * by `.git/info/exclude` and by the user's own list. The root need not be in a repository.
   *
   * @defaultValue false
   */
  gitignore?: boolean | undefined;
  /**
   * Whether symbolic links stand for what they point to, so that directories behind them are
   * walked, too. A link that points nowhere remains a `'symlink'`; one that points back to a
   * directory above it is an unreadable entry (`ELOOP`). A root that is a link is always followed.
   *
   * @defaultValue false
   */
  followSymlinks?: boolean | undefined;
  /**
   * Whether entries have `size` and `modified`. It costs a system call for each.
   *
   * @defaultValue false
   */
  stat?: boolean | undefined;
  /**
   * How many threads walk: an integer from 1 to 1024.
   *
   * @defaultValue as many as the machine has cores, at most 12
   */
  threads?: number | undefined;
  /**
   * What an unreadable entry does: `'throw'` fails the stream with its error, `'skip'` leaves it
   * out and counts it in `stats.skipped`. A root that cannot be read fails the stream in any case.
   * Another value throws `ERR_INVALID_ARG_VALUE`.
   *
   * @defaultValue 'throw'
   */
  errors?: 'throw' | 'skip' | undefined;
}

/** One file, directory or other thing that {@link walk} found. */
export interface WalkEntry {
  /** The root, without superfluous separators, joined with the way from there to this entry. */
  path: string;
  /** The last part of `path`. Bytes that are not UTF-8 become U+FFFD, here and in `path`. */
  name: string;
  /** 0 for the root, 1 for its children. */
  depth: number;
  /** With `followSymlinks`, the type of what a link points to, if that exists. */
  type: 'file' | 'directory' | 'symlink' | 'other';
  /** Bytes. Only with `stat: true`. */
  size?: number;
  /** When the content was last modified. Only with `stat: true`. */
  modified?: Date;
}

/**
 * Everything below a directory, found by several threads. The root itself comes first, at depth 0,
 * as in `find`; a directory comes before what is in it, and beyond that there is no order.
 *
 * @param root - A path, or a `file:` URL. A Buffer is taken byte by byte, for names that are not
 * UTF-8. A root that is not a directory is the only entry.
 * @param options - What to include, and how to treat errors.
 * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` or `ERR_INVALID_ARG_VALUE`, at the call. What
 * the operating system refuses rejects `next()` instead, with an error like Node's own
 * (`code`, `errno`, `syscall`, `path`). So does what the permissions of Node or Deno refuse, with the error of `fs`.
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
