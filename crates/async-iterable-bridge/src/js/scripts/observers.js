/*
 * The two ways to observe the streams of an environment: diagnostics channels, and the list of open
 * streams. The file is an expression: a function without arguments, which is called once per environment.
 *
 * Several addons may have streams in one environment, each with its own scripts. They share, under one
 * global symbol, the functions that list streams, and the setting whether stacks are captured.
 */
() => {
  'use strict';

  const builtin = (name) => process.getBuiltinModule(name);
  const { channel } = builtin('node:diagnostics_channel');
  const { threadId } = builtin('node:worker_threads');

  // Tests replace the global one with a clock that does not advance.
  const now = performance.now.bind(performance);

  const channels = Object.freeze({
    start: channel('async-iterable-bridge:stream:start'),
    firstItem: channel('async-iterable-bridge:stream:first-item'),
    park: channel('async-iterable-bridge:stream:park'),
    end: channel('async-iterable-bridge:stream:end'),
  });

  const SHARED = Symbol.for('async-iterable-bridge:open-streams');
  if (globalThis[SHARED] === undefined) {
    Object.defineProperty(globalThis, SHARED, { value: { lists: [], capturesStacks: false } });
  }
  const shared = globalThis[SHARED];

  /** Returns the frames below that of a function, as text, because frames keep alive what they refer to. */
  const framesBelow = (opener) => {
    const holder = {};
    Error.captureStackTrace(holder, opener);
    const stack = String(holder.stack);
    return stack.slice(stack.indexOf('\n') + 1);
  };

  /** The record of an opened stream. It does not keep the stream alive. */
  class Opening extends WeakRef {
    constructor(stream, opener) {
      super(stream);
      this.openedAt = now();
      this.stack = shared.capturesStacks ? framesBelow(opener) : undefined;
    }
  }

  /** The number of openings from which on the list is searched for streams that have gone. */
  const FEW = 64;

  /**
   * Returns a function that records a stream and its opener, for as long as `isOpen` returns true. Records of
   * streams that have ended, or were collected, are removed when there are twice as many records as the last
   * removal has left.
   */
  const rememberAll = (isOpen, describe) => {
    let openings = [];
    let most = FEW;

    const isStillOpen = (opening) => {
      const stream = opening.deref();
      return stream !== undefined && isOpen(stream);
    };

    shared.lists.push(() => {
      const list = [];
      for (const opening of openings.filter(isStillOpen)) {
        const { openedAt, stack } = opening;
        const stream = opening.deref();
        const age = now() - openedAt;
        list.push({ ...describe(stream), threadId, age, stack, stream });
      }
      return list;
    });

    return (stream, opener) => {
      if (openings.length >= most) {
        openings = openings.filter(isStillOpen);
        most = Math.max(FEW, 2 * openings.length);
      }
      openings.push(new Opening(stream, opener));
    };
  };

  const openStreams = () => shared.lists.flatMap((list) => list());
  Object.defineProperty(openStreams, 'captureStacks', {
    get: () => shared.capturesStacks,
    set: (captures) => {
      shared.capturesStacks = Boolean(captures);
    },
    enumerable: true,
  });

  return {
    channels,
    rememberAll,
    openStreams,
    /** Adds a function that lists other streams, such as those of other threads. */
    addOpenStreams: (list) => shared.lists.push(list),
  };
};
