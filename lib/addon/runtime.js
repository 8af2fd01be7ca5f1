'use strict';

// The parts that the native side has made for this environment: the class of streams, and the functions
// and values that sources need.

module.exports = require('./native.js').runtime();
