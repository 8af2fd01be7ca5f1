// A reporter of `node --test` that prints what the test files print on standard error, and nothing else.

/** @param {AsyncIterable<{type: string, data: {message: string}}>} events */
export default async function* standardError(events) {
  for await (const { type, data } of events) {
    if (type === 'test:stderr') yield data.message;
  }
}
