const WAY_WIDTH = 52;
const NUMBER_WIDTH = 12;

/** Returns the comparisons as a table for human readers. */
export function tableOf(comparisons, runtime) {
  const lines = [`\n${runtime}: nanoseconds per item, and how many times as fast\n`];
  for (const { title, results } of comparisons) {
    lines.push(title);
    for (const { way, nanosecondsPerItem, timesAsFast } of results) {
      const numbers = [nanosecondsPerItem.toFixed(0), timesAsFast.toFixed(2)];
      const columns = numbers.map((number) => number.padStart(NUMBER_WIDTH));
      lines.push(`  ${way.padEnd(WAY_WIDTH)}${columns.join('')}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
