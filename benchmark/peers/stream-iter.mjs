// This module is experimental, and not every runtime has it.
const { push } = await import('node:stream/iter').catch(() => ({}));

export const hasStreamIter = push !== undefined;

/** Returns a stream of arrays of `Uint8Array`s, the only items that it accepts. */
export function streamIter(items, count) {
  const { writer, readable } = push();
  async function write() {
    for (let index = 0; index < count; index++) {
      if (!writer.writeSync(items[index])) await writer.write(items[index]);
    }
    await writer.end();
  }
  write();
  return readable;
}
