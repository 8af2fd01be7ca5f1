// Every snippet of docs/streams.md runs, and fails nothing.

import { testExamples } from '../support/examples.mjs';

testExamples('docs/streams.md', { showsOutput: false });
