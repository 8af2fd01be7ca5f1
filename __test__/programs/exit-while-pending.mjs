// Exits while promises are pending and producers wait for a consumer. The exit code says whether all promises were
// still pending.
import { leavePending } from '../support/pending.mjs';

const { settled } = await leavePending();
process.exit(settled === 0 ? 7 : 1);
