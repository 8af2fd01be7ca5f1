'use strict';

// A stream from any threads to one, by a handle that can be sent to them.

const { randomUUID } = require('node:crypto');
const native = require('../../native.js');
const { channelInUse, channelNotFound } = require('../errors.js');
const {
  channelArguments,
  handleArgument,
  requestOptions,
  responseOptions,
} = require('../options.js');
const { abortOn, open } = require('../runtime.js');
const { encodeReason } = require('./copy.js');
const { ReceiverPort } = require('./receiver-port.js');
const { Sender } = require('./sender.js');
const { stayForWake } = require('./turn.js');

/** What Channel.from() makes a channel of. */
class Existing {
  constructor(handle) {
    this.handle = handle;
  }
}

class Channel {
  #handle;
  #signal;
  /** Stops the signal from aborting a receiver in another thread. */
  #release;

  constructor(options) {
    if (options instanceof Existing) {
      this.#handle = options.handle;
      return;
    }
    const { channelOptions, signal } = channelArguments(options);
    this.#handle = newHandle();
    native.createChannel(this.#handle, channelOptions);
    if (signal !== undefined) this.#abortOn(signal);
  }

  static from(handle) {
    handleArgument(handle);
    if (native.findChannel(handle) === null) throw channelNotFound(handle);
    return new Channel(new Existing(handle));
  }

  get handle() {
    return this.#handle;
  }

  receiver() {
    const { capacity, timeSlice } = this.#terms();
    const handle = native.openReceiver(this.#handle);
    if (handle === null) throw channelInUse('The receiver of the channel has been opened already');
    const stream = open(new ReceiverPort(handle, capacity), timeSlice);
    this.#release?.();
    if (this.#signal !== undefined) abortOn(stream, this.#signal);
    return stream;
  }

  sender() {
    const { overflow, senders } = this.#terms();
    const handle = native.openSender(this.#handle);
    if (handle === null) {
      const which = senders === 1 ? 'The sender' : `All ${senders} senders`;
      const have = senders === 1 ? 'has' : 'have';
      throw channelInUse(`${which} of the channel ${have} been opened already`);
    }
    return new Sender(handle, overflow);
  }

  #terms() {
    const terms = native.findChannel(this.#handle);
    if (terms === null) throw channelNotFound(this.#handle);
    return terms;
  }

  /** The receiver may be in another thread, which cannot listen to the signal. */
  #abortOn(signal) {
    this.#signal = signal;
    const handle = this.#handle;
    const abort = () => stayForWake(native.abortChannel(handle, ...encodeReason(signal.reason)));
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener('abort', abort, { once: true });
    this.#release = () => signal.removeEventListener('abort', abort);
  }
}

const newHandle = () => `channel:${randomUUID()}`;

/** The channel by which requests over the event bus of this name come to its handler. */
function requestChannel(name) {
  return new Channel(new Existing(native.nameChannel(name, newHandle(), requestOptions)));
}

/** A channel for the response to one of them. */
function responseChannel(name) {
  const handle = newHandle();
  native.createChannel(handle, { ...responseOptions, bus: name });
  return new Channel(new Existing(handle));
}

module.exports = { Channel, requestChannel, responseChannel };
