// Every snippet of the page about looking at streams runs, and prints the output below it.

import { testExamples } from '../support/examples.mjs';

testExamples('docs/observability.md');
