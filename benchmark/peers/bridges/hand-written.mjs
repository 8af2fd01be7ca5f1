/** A request bridge that is written by hand, over a MessagePort. */

import { HandWrittenCaller } from './hand-written-caller.mjs';
import { HandWrittenHandler } from './hand-written-handler.mjs';
import { overPort } from './over-port.mjs';

export const { connect, serve } = overPort(HandWrittenCaller, HandWrittenHandler);
