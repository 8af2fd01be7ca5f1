// Exits while producers push and promises are pending.
import { addon } from '../support/addon.mjs';

const streams = Array.from({ length: 8 }, () => addon.flood(4, { capacity: 8 }));
const pending = new addon.Fed().stream();
pending.next();
let items = 0;
for (const stream of streams) {
  (async () => {
    for await (const _ of stream) if (++items === 20_000) process.exit(7);
  })();
}
