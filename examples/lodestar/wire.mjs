// Messages on a socket. Each begins with a header of 7 bytes: its kind, the protocol version and the fork of
// a block, and the length of the payload that follows.

export const Kind = Object.freeze({ REQUEST: 0, BLOCK: 1, END: 2, ERROR: 3 });

const FORKS = ['none', 'phase0', 'altair', 'bellatrix', 'capella', 'deneb', 'electra'];
const HEADER_BYTES = 7;
const LENGTH_OFFSET = 3;
/** A peer must not make a node reserve as much memory as it likes. */
const MOST_PAYLOAD_BYTES = 10 * 1024 * 1024;

const NO_PAYLOAD = new Uint8Array(0);

function header(kind, length, protocolVersion = 0, fork = 'none') {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.set([kind, protocolVersion, FORKS.indexOf(fork)]);
  bytes.writeUInt32BE(length, LENGTH_OFFSET);
  return bytes;
}

/** The parts of a message, in the order in which they are to be written. */
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

/** Finds the messages in what comes over a socket, which cuts them anywhere. */
export class MessageDecoder {
  #header = Buffer.alloc(HEADER_BYTES);
  /** Of the message whose header is complete. */
  #message;
  /** What is being filled, and how far it is. */
  #target = this.#header;
  #filled = 0;

  /** The messages that end in this chunk. */
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
