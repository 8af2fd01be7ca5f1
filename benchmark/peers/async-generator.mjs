export async function* asyncGenerator(items, count) {
  for (let index = 0; index < count; index++) yield items[index];
}
