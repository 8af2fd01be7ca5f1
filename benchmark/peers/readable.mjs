import { Readable } from 'node:stream';

export function readable(items, count) {
  let index = 0;
  return new Readable({
    objectMode: true,
    read() {
      while (index < count) if (!this.push(items[index++])) return;
      this.push(null);
    },
  });
}
