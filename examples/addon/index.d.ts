/// <reference types="node" />

/** What every stream of this addon has beside the methods of an async iterator. */
export interface Stream<T> extends AsyncIterableIterator<T, undefined>, AsyncDisposable {
  /** The same stream, a whole batch at a time. */
  batches(): AsyncIterableIterator<T[], undefined>;
  readonly stats: {
    pushed: number;
    delivered: number;
    dropped: number;
    skipped: number;
    buffered: number;
    bufferedBytes: number;
    capacity: number;
    wakes: number;
    producerWaits: number;
    state: 'idle' | 'open' | 'closed' | 'failed' | 'cancelled';
  };
}

export interface LogRecord {
  level: 'error' | 'warn' | 'info' | 'debug' | 'trace';
  target: string;
  message: string;
  time: Date;
}

/** What the addon logs from now on. Only the last records are kept for a consumer that is slow. */
export function logs(): Stream<LogRecord>;
/** How many streams of the log there are. */
export function logListeners(): number;
/** Logs so many steps from a thread. */
export function work(steps: number): void;

/**
 * Frames from all who connect to a port of this machine, each a length in 32 bits, big-endian, and
 * as many bytes. One that is longer than the limit, by default 1 MiB, is an `ERR_FRAME_TOO_LONG`
 * with `length` and `limit`.
 */
export function listen(limit?: number): { port: number; frames: Stream<Buffer> };

export interface Product {
  id: bigint;
  name: string;
  price: number | null;
}

/** The products of a database, or those that a query gives. What SQLite refuses is an `ERR_SQLITE`. */
export function products(path: string, query?: string): Stream<Product>;
/** Makes a database of so many products. */
export function createProducts(path: string, count: number): void;
