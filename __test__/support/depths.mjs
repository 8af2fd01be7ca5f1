// Calls with every amount of stack that is too little for them, and with the least that is enough.

/** So many frames are enough for any call of ours. */
const MOST_FRAMES = 2000;

/** How often in a row all must have returned, for the depths to be over. */
const SUCCESSES = 15;

/** Arguments by which the stack is shifted, 8 bytes each: fractions of a frame of `descend`. */
const SHIFTS = [0, 5, 10];

/** Makes a call where the stack has space for so many frames of `descend`; returns what it has thrown. */
function callWithStack(frames, shift, call) {
  let above = 0;
  let thrown;
  const descend = () => {
    try {
      descend();
    } catch {
      // The stack is full.
    }
    if (above++ !== frames) return;
    try {
      call();
    } catch (error) {
      thrown = error;
    }
  };
  descend(...new Array(shift).fill(shift));
  return thrown;
}

/**
 * Has calls made with ever more stack: `attempt(run)` gets a function that makes a call, and returns whether it
 * has returned. It ends when each call of an attempt has returned, several times in a row.
 *
 * @returns {Promise<number>} How many attempts were too deep.
 */
export async function atEveryDepth(attempt) {
  let successes = 0;
  for (let step = 0; step < MOST_FRAMES * SHIFTS.length; step++) {
    const frames = Math.floor(step / SHIFTS.length);
    const shift = SHIFTS.at(-1 - (step % SHIFTS.length));
    let isComplete = true;
    await attempt((call) => {
      let hasReturned = false;
      const thrown = callWithStack(frames, shift, () => {
        call();
        hasReturned = true;
      });
      if (thrown !== undefined && !(thrown instanceof RangeError)) throw thrown;
      isComplete &&= hasReturned;
      return hasReturned;
    });
    successes = isComplete ? successes + 1 : 0;
    if (successes === SUCCESSES) return step + 1 - SUCCESSES;
  }
  throw new Error('No depth has had enough stack');
}
