// Every snippet of docs/threads.md runs, and prints the output below it.

import { testExamples } from '../support/examples.mjs';

testExamples('docs/threads.md', { others: ['diff'] });
