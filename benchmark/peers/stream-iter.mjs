// Experimental, and not in every runtime.
const { push } = await import('node:stream/iter').catch(() => ({}));

export const hasStreamIter = push !== undefined;

/** Gives arrays of `Uint8Array`s; other items it does not take. */
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
