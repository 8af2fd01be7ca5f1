// Opens many streams over files, takes one line of each in turn until all have ended, and prints the number of lines
// and the most threads that the process has had.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLines } from 'async-iterable-bridge';

const [folder, count] = [process.argv[2], Number(process.argv[3])];

function threads() {
  try {
    return Number(/^Threads:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  } catch {
    return 0; // only Linux says
  }
}

let open = Array.from({ length: count }, (_, index) =>
  readLines(join(folder, `${index % 20}.txt`)),
);
let lines = 0;
let mostThreads = 0;
while (open.length > 0) {
  const results = [];
  for (const stream of open) results.push(await stream.next());
  open = open.filter((_, index) => !results[index].done);
  lines += open.length;
  mostThreads = Math.max(mostThreads, threads());
}
console.log(JSON.stringify({ lines, mostThreads }));
