// Prints the lines of a file as JSON: of standard input, by one of its names.

import { readLines } from 'async-iterable-bridge';

const lines = [];
for await (const line of readLines(process.argv[2])) lines.push(line);
console.log(JSON.stringify(lines));
