// A pending next() of a stream that can still produce keeps the process alive until it settles.
import { addon } from '../support/addon.mjs';

const fed = new addon.Fed();
const stream = fed.stream();
setTimeout(() => fed.pushFromThread(['late']), 50).unref();
const timer = setTimeout(() => {}, 20_000).unref();
console.log((await stream.next()).value);
clearTimeout(timer);
