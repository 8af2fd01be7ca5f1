// A consumer's error that nobody handles ends the process as any other unhandled rejection.
import { addon } from '../support/addon.mjs';

for await (const _ of addon.flood(4)) throw new Error('the consumer failed');
