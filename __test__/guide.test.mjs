// Every snippet of the guide runs, and prints what stands below it.

import { testExamples } from './support/examples.mjs';

testExamples('docs/guide.md');
