'use strict';

const { AsyncIterableBridgeCaller } = require('./lib/requests/caller.js');
const { AsyncIterableBridgeHandler } = require('./lib/requests/handler.js');
const { Channel } = require('./lib/channel/channel.js');
const { createAsyncIterable } = require('./lib/streams/create-async-iterable.js');
const { createEventBus, eventBusMetrics } = require('./lib/requests/event-bus/event-bus.js');
const { linesArguments, rangeArguments, walkArguments } = require('./lib/support/options.js');
const { AsyncIterableBridge, abortOn, openFor, openStreams } = require('./lib/addon/runtime.js');
const { IteratorEventType } = require('./lib/requests/iterator-event-type.js');
const native = require('./lib/addon/native.js');
const {
  currentFolder,
  isReadingRestricted,
  ownPath,
  permissionsNumber,
  refusalOf,
  refusedStream,
} = require('./lib/support/permissions.js');

function abortable(stream, signal) {
  if (signal !== undefined) abortOn(stream, signal);
  return stream;
}

function range(start, end, step, options) {
  const given = rangeArguments(start, end, step, options);
  const stream = native.range(given.start, given.end, given.step, given.bridgeOptions);
  return abortable(stream, given.signal);
}

function readLines(path, options) {
  const given = linesArguments(path, options);
  const stream = openFor(readLines, () => openLines(given, given.bridgeOptions));
  return abortable(stream, given.signal);
}

function openLines({ path: given, linesOptions }, bridgeOptions) {
  if (!isReadingRestricted()) return native.readLines(given, linesOptions, bridgeOptions);
  const path = ownPath(given);
  const refusal = refusalOf(path);
  if (refusal !== undefined) return refusedStream('readLines', refusal, bridgeOptions);
  return native.readLines(path, { ...linesOptions, base: currentFolder() }, bridgeOptions);
}

function walk(root, options) {
  const given = walkArguments(root, options);
  const stream = openFor(walk, () => openWalk(given, given.bridgeOptions));
  return abortable(stream, given.signal);
}

function openWalk({ root: given, walkOptions }, bridgeOptions) {
  if (!isReadingRestricted()) return native.walk(given, walkOptions, bridgeOptions);
  const root = ownPath(given);
  const refusal = refusalOf(root);
  if (refusal !== undefined) return refusedStream('walk', refusal, bridgeOptions);
  const restriction = { permissions: permissionsNumber(), base: currentFolder() };
  return native.walk(root, { ...walkOptions, restriction }, bridgeOptions);
}

module.exports = {
  AsyncIterableBridge,
  AsyncIterableBridgeCaller,
  AsyncIterableBridgeHandler,
  Channel,
  IteratorEventType,
  createAsyncIterable,
  createEventBus,
  eventBusMetrics,
  openStreams,
  range,
  readLines,
  walk,
};
