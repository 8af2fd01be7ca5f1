// Every JavaScript snippet of the README runs, from the project's folder, and fails nothing.

import { testExamples } from './support/examples.mjs';

testExamples('README.md', { others: ['sh'], showsOutput: false });
