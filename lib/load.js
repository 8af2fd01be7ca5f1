'use strict';

// For index.mjs, which says why. Spelled out here, because bundlers and what traces the files of a
// program do not follow what createRequire() makes.

/** The package. */
module.exports = () => require('../index.js');
