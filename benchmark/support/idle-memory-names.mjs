/** The idle streams whose memory is measured. */
export const MEMORY = {
  unread: 'ours, not read yet',
  awaited: 'ours, an item is awaited',
  threadsafeFunction: 'a ThreadsafeFunction',
  napiGenerator: 'napi-rs AsyncGenerator, not read yet',
  napiReadable: 'napi-rs ReadableStream, not read yet',
  generator: 'async generator, not read yet',
  webReadable: 'web ReadableStream, not read yet',
};
