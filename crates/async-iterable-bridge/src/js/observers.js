/*
 * How the streams of an environment can be looked at: by the subscribers of diagnostics channels, and in
 * the list of those that are open. It is an expression: a function without arguments, which is called once
 * per environment.
 *
 * Several addons may have streams in one environment, each with scripts of its own. Under one global
 * symbol they share the functions that list streams, and whether stacks are captured.
 */
() => {
  'use strict';

  const builtin = (name) => process.getBuiltinModule(name);
  const { channel } = builtin('node:diagnostics_channel');
  const { threadId } = builtin('node:worker_threads');

  // Tests replace the global one with a clock that stands still.
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

  /** The frames below that of a function. As text, because frames keep what they name alive. */
  const framesBelow = (opener) => {
    const holder = {};
    Error.captureStackTrace(holder, opener);
    const stack = String(holder.stack);
    return stack.slice(stack.indexOf('\n') + 1);
  };

  /** A stream that was opened. It does not keep the stream. */
  class Opening extends WeakRef {
    constructor(stream, opener) {
      super(stream);
      this.openedAt = now();
      this.stack = shared.capturesStacks ? framesBelow(opener) : undefined;
    }
  }

  /** Openings from which on those whose streams have gone are looked for. */
  const FEW = 64;

  /**
   * Gives a function that remembers a stream for as long as `isOpen` says so, and by whom it was opened.
   * The place of one that has ended, or was forgotten, is taken back when there are twice as many as there
   * were left.
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
