import { Repeater } from '@repeaterjs/repeater';

export function repeater(items, count) {
  return new Repeater(async (push, stop) => {
    for (let index = 0; index < count; index++) await push(items[index]);
    stop();
  });
}
