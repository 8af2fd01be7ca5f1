// A reporter of `node --test` that only prints the test files' output on standard error.

/** @param {AsyncIterable<{type: string, data: {message: string}}>} events */
export default async function* standardError(events) {
  for await (const { type, data } of events) {
    if (type === 'test:stderr') yield data.message;
  }
}
