// Every snippet of docs/threads.md runs, and prints what stands below it.

import { testExamples } from './support/examples.mjs';

testExamples('docs/threads.md', { others: ['diff'] });
