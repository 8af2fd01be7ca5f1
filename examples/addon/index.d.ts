/// <reference types="node" />

/** A stream of this addon: an async iterator with additional members. */
export interface Stream<T> extends AsyncIterableIterator<T, undefined>, AsyncDisposable {
  /** Returns the same stream, a whole batch at a time. */
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

/** Returns the records that the addon logs from now on. A slow consumer receives only the last ones. */
export function logs(): Stream<LogRecord>;
/** Returns the number of open streams of the log. */
export function logListeners(): number;
/** Logs `steps` records from a thread. */
export function work(steps: number): void;

/**
 * Listens on a port of this machine, and returns the frames of all clients. A frame is a length in 32 bits,
 * big-endian, and as many bytes. A frame longer than the limit, by default 1 MiB, fails the stream with
 * `ERR_FRAME_TOO_LONG`, which has `length` and `limit`.
 */
export function listen(limit?: number): { port: number; frames: Stream<Buffer> };

export interface Product {
  id: bigint;
  name: string;
  price: number | null;
}

/** Returns the products of a database, or the result of a query. An error of SQLite is an `ERR_SQLITE`. */
export function products(path: string, query?: string): Stream<Product>;
/** Makes a database of `count` products. */
export function createProducts(path: string, count: number): void;
