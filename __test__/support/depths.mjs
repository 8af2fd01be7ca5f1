// Calls with every amount of stack that is too little for them, and with the least that is enough.

/** So many frames are enough for any call of ours. */
const MOST_FRAMES = 2000;

/** How often in a row all must have returned, for the depths to be over. */
const SUCCESSES = 5;

/** Makes a call where the stack has space for so many frames of `descend`; returns what it has thrown. */
function callWithStack(frames, call) {
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
  descend();
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
  for (let frames = 0; frames < MOST_FRAMES; frames++) {
    let isComplete = true;
    await attempt((call) => {
      let hasReturned = false;
      const thrown = callWithStack(frames, () => {
        call();
        hasReturned = true;
      });
      if (thrown !== undefined && !(thrown instanceof RangeError)) throw thrown;
      isComplete &&= hasReturned;
      return hasReturned;
    });
    successes = isComplete ? successes + 1 : 0;
    if (successes === SUCCESSES) return frames + 1 - SUCCESSES;
  }
  throw new Error('No depth has had enough stack');
}
