// Messages on a socket. Each begins with a header of 7 bytes: the kind, the protocol version and fork of a
// block, and the length of the payload that follows.

export const Kind = Object.freeze({ REQUEST: 0, BLOCK: 1, END: 2, ERROR: 3 });

const FORKS = ['none', 'phase0', 'altair', 'bellatrix', 'capella', 'deneb', 'electra'];
const HEADER_BYTES = 7;
const LENGTH_OFFSET = 3;
/** The largest payload. Without a limit, a peer could make a node reserve any amount of memory. */
const MOST_PAYLOAD_BYTES = 10 * 1024 * 1024;

const NO_PAYLOAD = new Uint8Array(0);

function header(kind, length, protocolVersion = 0, fork = 'none') {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.set([kind, protocolVersion, FORKS.indexOf(fork)]);
  bytes.writeUInt32BE(length, LENGTH_OFFSET);
  return bytes;
}

/** Returns the parts of a message, in the order of writing. */
export const endMessage = () => [header(Kind.END, 0)];

export const blockMessage = ({ data, fork, protocolVersion }) => [
  header(Kind.BLOCK, data.length, protocolVersion, fork),
  data,
];

export function objectMessage(kind, object) {
  const payload = Buffer.from(JSON.stringify(object));
  return [header(kind, payload.length), payload];
}

export const objectOf = ({ payload }) => JSON.parse(Buffer.from(payload).toString());

export const blockOf = ({ payload, fork, protocolVersion }) => ({
  data: payload,
  fork,
  protocolVersion,
});

/** Finds the messages in the chunks of a socket, which may begin and end anywhere. */
export class MessageDecoder {
  #header = Buffer.alloc(HEADER_BYTES);
  /** The message, once its header is complete. */
  #message;
  /** The buffer that is being filled, and the number of bytes in it. */
  #target = this.#header;
  #filled = 0;

  /** Yields the messages that end in this chunk. */
  *decode(chunk) {
    for (let offset = 0; offset < chunk.length; ) {
      const part = chunk.subarray(offset, offset + this.#target.length - this.#filled);
      this.#target.set(part, this.#filled);
      this.#filled += part.length;
      offset += part.length;
      if (this.#filled === this.#target.length) yield* this.#complete();
    }
  }

  *#complete() {
    this.#filled = 0;
    if (this.#message === undefined) {
      this.#message = this.#open();
      this.#target = this.#message.payload;
      if (this.#target.length > 0) return;
    }
    const message = this.#message;
    this.#message = undefined;
    this.#target = this.#header;
    yield message;
  }

  #open() {
    const [kind, protocolVersion, fork] = this.#header;
    const length = this.#header.readUInt32BE(LENGTH_OFFSET);
    if (length > MOST_PAYLOAD_BYTES) throw tooLarge(length);
    const payload = length === 0 ? NO_PAYLOAD : new Uint8Array(length);
    return { kind, protocolVersion, fork: FORKS[fork], payload };
  }
}

const tooLarge = (length) =>
  Object.assign(new RangeError(`A message of ${length} bytes is not expected`), {
    code: 'ERR_MESSAGE_TOO_LARGE',
  });
