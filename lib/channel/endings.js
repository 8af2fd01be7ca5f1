'use strict';

// How often this thread has ended a channel, of whichever there are. A sender in the same thread learns of an
// end by a wake, in a later turn; when this has changed, it asks at once.

const endings = { count: 0 };

module.exports = { endings };
