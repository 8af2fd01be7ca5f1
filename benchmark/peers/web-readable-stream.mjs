export function webReadableStream(items, count) {
  let index = 0;
  return new ReadableStream({
    pull(controller) {
      if (index < count) controller.enqueue(items[index++]);
      else controller.close();
    },
  });
}
