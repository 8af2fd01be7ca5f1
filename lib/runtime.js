'use strict';

// What the native side has made for this environment: the class of streams, and what ports need.

module.exports = require('./native.js').runtime();
