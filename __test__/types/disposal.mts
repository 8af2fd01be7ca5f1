// `await using` needs a target library that knows it, so it has a file of its own. Never run.

import { range } from 'async-iterable-bridge';

export async function dispose(): Promise<number | undefined> {
  await using stream = range(0, 1);
  const { value } = await stream.next();
  return value;
}
