// An unhandled error of the consumer ends the process as any other unhandled rejection does.
import { addon } from '../support/addon.mjs';

for await (const _ of addon.flood(4)) throw new Error('the consumer failed');
