// The types that users of an addon see when `napi build` has generated its declarations, with the header that the
// crate's guide gives. Never run.

import { type BridgeStats, range } from 'async-iterable-bridge';
import {
  type AsyncIterableBridge,
  contents,
  converted,
  type Entry,
  ids,
  lookups,
  openLog,
  pieces,
  Session,
  squares,
  times,
} from './generated.cjs';
import { isExactly } from './is-exactly.mjs';

export async function consume(): Promise<void> {
  for await (const square of squares(3)) isExactly<number>()(square);
  for await (const numbers of squares(3).batches()) isExactly<number[]>()(numbers);
  for await (const piece of pieces('path')) isExactly<Buffer>()(piece);
  for await (const id of ids()) isExactly<bigint>()(id);
  for await (const item of times()) isExactly<[Date, number]>()(item);
  for await (const item of contents()) {
    isExactly<[string, Buffer, string, string[], Entry]>()(item);
  }
  for await (const texts of converted()) isExactly<string[]>()(texts);
  for await (const message of new Session().messages()) isExactly<string>()(message);
  for await (const { message, logLevel, origin } of await openLog('path')) {
    isExactly<string>()(message);
    isExactly<number>()(logLevel);
    isExactly<string | null>()(origin);
  }

  using handler = lookups();
  isExactly<number>()(handler.pendingCount);
  for await (const { message } of handler.request('text')) isExactly<string>()(message);
  // @ts-expect-error: this handler is asked by text.
  handler.request(3);
  isExactly<boolean>()(handler.close());

  const stream = squares(3);
  isExactly<IteratorResult<number, undefined>>()(await stream.next());
  isExactly<IteratorReturnResult<undefined>>()(await stream.return());
  isExactly<IteratorReturnResult<string>>()(await stream.return(Promise.resolve('value')));
  isExactly<IteratorResult<number, undefined>>()(await stream.throw(new Error('reason')));
  isExactly<Promise<void>>()(stream[Symbol.asyncDispose]());
  isExactly<number>()(stream.stats.delivered);
  isExactly<'idle' | 'open' | 'closed' | 'failed' | 'cancelled'>()(stream.stats.state);
  const iterable: AsyncIterableIterator<number> & AsyncDisposable = stream;
  console.log(iterable);

  // The header says what the package says.
  const same: AsyncIterableBridge<number> = range(0, 1);
  isExactly<keyof typeof same>()('next' as keyof ReturnType<typeof range>);
  isExactly<BridgeStats>()(same.stats);

  // @ts-expect-error: only a stream has batches.
  ids().batches();
  // @ts-expect-error: statistics are read only.
  stream.stats = squares(3).stats;
}
