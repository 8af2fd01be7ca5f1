'use strict';

// The epoch of ends: the number of times that this thread has ended a channel, for all channels together. A wake would
// notify a sender of the same thread only in a later turn. So a sender that finds another epoch asks at once for the
// state of its channel.

const endEpoch = { count: 0 };

module.exports = { endEpoch };
