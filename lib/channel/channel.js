'use strict';

// A stream from any number of threads to one thread. A handle, which can be sent to threads, identifies it.

const { randomUUID } = require('node:crypto');
const { threadId } = require('node:worker_threads');
const native = require('../addon/native.js');
const { channelInUse, channelNotFound } = require('../support/errors.js');
const {
  channelArguments,
  handleArgument,
  receiverArguments,
  requestOptions,
  responseOptions,
  senderArguments,
} = require('../support/options.js');
const { encodeError } = require('../support/portable-error.js');
const { abortOn, open } = require('../addon/runtime.js');
const { ReceiverSource, TiedReceiverSource } = require('./receiver-source.js');
const { Sender } = require('./sender.js');
const { endEpoch, refUntilWake } = require('./event-loop.js');
const { tie } = require('./worker-tie.js');

/** The handle and the terms of an existing channel, which a Channel is made from. */
class FromHandle {
  handle;
  terms;

  constructor(handle, terms) {
    this.handle = handle;
    this.terms = terms;
  }
}

class Channel {
  #handle;
  /** The options that its ends need. */
  #terms;
  #signal;
  /** Stops the signal from aborting a receiver in another thread. */
  #release;

  constructor(options) {
    if (options instanceof FromHandle) {
      this.#handle = options.handle;
      this.#terms = options.terms;
      return;
    }
    const { channelOptions, signal } = channelArguments(options);
    this.#handle = newHandle();
    this.#terms = channelOptions;
    native.createChannel(this.#handle, channelOptions);
    if (signal !== undefined) this.#abortOn(signal);
  }

  static from(handle) {
    handleArgument(handle);
    const terms = native.findChannel(handle);
    if (terms === null) throw channelNotFound(handle);
    return new Channel(new FromHandle(handle, terms));
  }

  get handle() {
    return this.#handle;
  }

  receiver(options) {
    const { workers } = receiverArguments(options);
    const { timeSlice } = this.#terms;
    const openEnd = (source) => {
      const number = native.openReceiver(this.#handle, threadId, source);
      if (number !== null) return number;
      throw this.#refusal('The receiver of the channel has been opened already');
    };
    const stream = open(this.#sourceOf(openEnd, workers), timeSlice);
    this.#release?.();
    if (this.#signal !== undefined) abortOn(stream, this.#signal);
    return stream;
  }

  sender(options) {
    const { worker } = senderArguments(options);
    const { overflow, senders } = this.#terms;
    let release;
    const openEnd = (sender) => {
      const number = native.openSender(this.#handle, sender, threadId);
      if (number === null) {
        const which = senders === 1 ? 'The sender' : `All ${senders} senders`;
        const have = senders === 1 ? 'has' : 'have';
        throw this.#refusal(`${which} of the channel ${have} been opened already`);
      }
      if (worker !== undefined) release = this.#tieReceiver(worker);
      return number;
    };
    return new Sender(openEnd, overflow, senders === 1, worker && (() => release()));
  }

  /** Returns the source of a receiver. `workers` are to open its senders. */
  #sourceOf(openEnd, workers) {
    if (workers.length === 0) return new ReceiverSource(openEnd);
    const handle = this.#handle;
    return new TiedReceiverSource(openEnd, () => {
      const releases = workers.map((worker) => {
        // A worker that has exited has no number any more.
        const number = worker.threadId === -1 ? undefined : worker.threadId;
        return tie(worker, () => refUntilWake(native.failUnopened(handle, number)));
      });
      return () => {
        for (const release of releases) release();
      };
    });
  }

  /** Ties a sender to the worker that is to open the receiver. Returns a function to call when the sender has ended. */
  #tieReceiver(worker) {
    const handle = this.#handle;
    const release = tie(worker, () => {
      endEpoch.count++;
      refUntilWake(native.cancelUnopened(handle));
    });
    return () => {
      // The items that a sender leaves behind still need a receiver.
      if (!native.expectsReceiver(handle)) release();
    };
  }

  /** Returns the error for an end that could not be opened. */
  #refusal(message) {
    if (native.findChannel(this.#handle) === null) return channelNotFound(this.#handle);
    return channelInUse(message);
  }

  /** Aborts the channel with the signal. The receiver may be in another thread, which cannot listen to the signal. */
  #abortOn(signal) {
    this.#signal = signal;
    const handle = this.#handle;
    const abort = () => {
      // Encoded before the end is known, because a getter of the reason may call anything.
      const reason = encodeError(signal.reason);
      endEpoch.count++;
      refUntilWake(native.abortChannel(handle, ...reason));
    };
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener('abort', abort, { once: true });
    this.#release = () => signal.removeEventListener('abort', abort);
  }
}

const newHandle = () => `channel:${randomUUID()}`;

/** Opens an end of the channel that carries requests to the handler of the event bus of this name. */
function openRequestChannel(name, open) {
  for (;;) {
    const handle = native.nameChannel(name, newHandle(), requestOptions);
    try {
      return open(new Channel(new FromHandle(handle, requestOptions)));
    } catch (error) {
      // The handler has gone meanwhile, and the next handler has another channel.
      if (error.code !== 'ERR_CHANNEL_NOT_FOUND') throw error;
    }
  }
}

/** Creates a channel for a response. Returns its handle, and a function that opens the end of its consumer. */
function openResponseChannel(name, options) {
  const handle = newHandle();
  const channelOptions = { ...responseOptions, ...options, bus: name };
  native.createChannel(handle, channelOptions);
  return { handle, openEnd: (source) => native.openReceiver(handle, threadId, source) };
}

module.exports = { Channel, openRequestChannel, openResponseChannel };
