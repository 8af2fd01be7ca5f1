/*
 * Reserves stack before calls that must not fail halfway. The file is an expression: a function without arguments,
 * which is called once per environment.
 *
 * Any call may throw because the stack is used up. A function that would leave things half done first makes sure
 * that the calls that follow have enough stack.
 */
() => {
  'use strict';

  /** Calls itself `levels` times; its arguments make the frames large. */
  const descend = (levels, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) =>
    levels === 0 ? 0 : descend(levels - 1, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) + 1;

  /** The number of frames of `descend` that take at least 5 KiB, more than any call of the scripts needs. */
  const FEW_LEVELS = 32;

  /** The number of frames that take 50 KiB: V8 compiles a function, on its first call, only if 40 KiB are left. */
  const MANY_LEVELS = 256;

  /** The number of calls from one place after which the engine has compiled all functions that are called there. */
  const FIRST_CALLS = 1000;

  /**
   * Makes a function, for one place of the code, that throws the RangeError of a stack overflow unless the stack
   * has space for the code that follows there. The first `firstCalls` calls reserve MANY_LEVELS, later ones
   * FEW_LEVELS.
   */
  const stackReserve = (firstCalls = FIRST_CALLS) => {
    let calls = 0;
    return () => {
      const levels = calls < firstCalls ? MANY_LEVELS : FEW_LEVELS;
      descend(levels, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
      calls++;
    };
  };

  return stackReserve;
};
