// Every JavaScript snippet of the README runs, from the project's folder, and fails nothing. The Rust one
// is compiled with those of docs/.

import { testExamples } from '../support/examples.mjs';

testExamples('README.md', { others: ['sh', 'rust'], showsOutput: false });
