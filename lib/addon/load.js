'use strict';

// The package, for index.mjs, which gives the reason. The call is spelled out here: bundlers, and tools that
// trace the files of a program, do not follow a function that createRequire() returns.

/** Returns the package. */
module.exports = () => require('../../index.js');
