import { once } from 'node:events';

/** Returns a function that writes items as lines of JSON, and waits while their reader does not keep up. */
export function jsonLines(stream, signal) {
  return async (items) => {
    let text = '';
    for (const item of items) text += `${JSON.stringify(item)}\n`;
    if (!stream.write(text)) await once(stream, 'drain', { signal });
  };
}

/** Resolves when everything has been written, or cannot be written: then there was an 'error'. */
export function flush(stream) {
  return new Promise((resolve) => stream.write('', () => resolve()));
}
