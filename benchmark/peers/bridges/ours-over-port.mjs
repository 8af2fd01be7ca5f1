/** This project's Caller and Handler, over the bus of the hand-written ones. */

import { AsyncIterableBridgeCaller, AsyncIterableBridgeHandler } from '../../../index.mjs';
import { overPort } from './over-port.mjs';

export const { connect, serve } = overPort(AsyncIterableBridgeCaller, AsyncIterableBridgeHandler);
