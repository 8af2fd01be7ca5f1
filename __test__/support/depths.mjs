// Calls with every stack size that is too small for them, and with the smallest that is enough.

/** The number of frames that is enough for any call of this package. */
const MOST_FRAMES = 2000;

/** The number of consecutive attempts in which all calls must return before the depths are over. */
const SUCCESSES = 15;

/** Numbers of arguments that shift the stack by 8 bytes each: fractions of a frame of `descend`. */
const SHIFTS = [0, 5, 10];

/** Makes a call with a stack that has space for `frames` frames of `descend`; returns what the call has thrown. */
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
 * Makes calls with ever more stack: `attempt(run)` gets a function that makes a call and reports whether the call has
 * returned. Ends when each call of an attempt has returned, `SUCCESSES` times in a row.
 *
 * @returns {Promise<number>} The number of attempts that were too deep.
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
