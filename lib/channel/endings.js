'use strict';

// The number of times that this thread has ended a channel, for all channels together. A wake would notify a sender of
// the same thread only in a later turn. So a sender that finds this number changed asks for the state of its channel at
// once.

const endings = { count: 0 };

module.exports = { endings };
