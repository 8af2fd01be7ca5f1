/**
 * A ring in shared memory, of numbers or of bytes of one size. Its sender blocks its thread when the
 * ring is full; its receiver waits without blocking.
 *
 * A side that has to wait raises a flag, looks again, and then waits until the flag falls. The other
 * side advances first, and then looks at the flag. So at least one of them sees the other.
 */

/** A power of two, because the counts of items have 32 bits and wrap around. */
const CAPACITY = 1024;

/** The words of `control`: the numbers of items sent and received, and the flags. */
const SENT = 0;
const RECEIVED = 1;
const SENDER_WAITS = 2;
const RECEIVER_WAITS = 3;
const HAS_ENDED = 4;
const WORDS = 5;

const slotOf = (count) => count & (CAPACITY - 1);

function lower(control, flag) {
  Atomics.store(control, flag, 0);
  Atomics.notify(control, flag);
}

function slotsOf({ digest, size }) {
  return digest === 'numbers'
    ? new Float64Array(new SharedArrayBuffer(CAPACITY * Float64Array.BYTES_PER_ELEMENT))
    : new Uint8Array(new SharedArrayBuffer(CAPACITY * size));
}

/** Returns the functions that write an item to its slot and read it from there. */
function accessTo(slots, size) {
  if (slots instanceof Float64Array) {
    return {
      write: (slot, number) => {
        slots[slot] = number;
      },
      read: (slot) => slots[slot],
    };
  }
  return {
    write: (slot, bytes) => slots.set(bytes, slot * size),
    read: (slot) => slots.slice(slot * size, (slot + 1) * size),
  };
}

function received({ control, slots, size }) {
  const { read } = accessTo(slots, size);
  let count = Atomics.load(control, RECEIVED);
  /** The number of items sent when it was last read. */
  let sent = count;

  function take() {
    const value = read(slotOf(count));
    count = (count + 1) | 0;
    Atomics.store(control, RECEIVED, count);
    // The receiver wakes the sender only when the ring is half empty, and not for each slot.
    const isHalfEmpty = ((sent - count) | 0) <= CAPACITY / 2;
    if (isHalfEmpty && Atomics.load(control, SENDER_WAITS) === 1) lower(control, SENDER_WAITS);
    return { value, done: false };
  }

  function hasItems() {
    if (sent === count) sent = Atomics.load(control, SENT);
    return sent !== count;
  }

  async function takeLater() {
    for (;;) {
      Atomics.store(control, RECEIVER_WAITS, 1);
      // The end is read first, so that the items sent before it are seen, too.
      const hasEnded = Atomics.load(control, HAS_ENDED) === 1;
      if (hasItems()) return take();
      if (hasEnded) return { value: undefined, done: true };
      await Atomics.waitAsync(control, RECEIVER_WAITS, 1).value;
    }
  }

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => (hasItems() ? Promise.resolve(take()) : takeLater()),
  };
}

export function connect(kind) {
  const control = new Int32Array(new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT));
  const end = { control, slots: slotsOf(kind), size: kind.size };
  return {
    end,
    open(order) {
      Atomics.store(control, HAS_ENDED, 0);
      order();
      return received(end);
    },
  };
}

export function producer({ control, slots, size }, items) {
  const { write } = accessTo(slots, size);
  const isFull = (sent) => ((sent - Atomics.load(control, RECEIVED)) | 0) === CAPACITY;
  const wakeReceiver = () => {
    if (Atomics.load(control, RECEIVER_WAITS) === 1) lower(control, RECEIVER_WAITS);
  };

  return (count) => {
    let sent = Atomics.load(control, SENT);
    for (let index = 0; index < count; index++) {
      while (isFull(sent)) {
        Atomics.store(control, SENDER_WAITS, 1);
        if (isFull(sent)) Atomics.wait(control, SENDER_WAITS, 1);
      }
      write(slotOf(sent), items[index]);
      sent = (sent + 1) | 0;
      Atomics.store(control, SENT, sent);
      wakeReceiver();
    }
    Atomics.store(control, HAS_ENDED, 1);
    wakeReceiver();
  };
}
