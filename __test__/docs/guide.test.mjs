// Every snippet of the guide runs, and prints the output below it.

import { testExamples } from '../support/examples.mjs';

testExamples('docs/guide.md');
