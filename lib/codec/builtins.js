'use strict';

// Reads and makes objects with internal slots. Captured methods read the slots themselves, so that definitions of
// the program that hide them have no effect.

const {
  isBigIntObject,
  isBooleanObject,
  isNumberObject,
  isStringObject,
} = require('node:util/types');
const { ERRORS } = require('./layout.js');

const { apply } = Reflect;
const { defineProperty, getOwnPropertyDescriptor, hasOwn } = Object;
const { DOMException } = globalThis;

const getterOf = (prototype, key) => getOwnPropertyDescriptor(prototype, key)?.get;

const sourceOf = getterOf(RegExp.prototype, 'source');

/** The flags in their order, each with the getter that reports it. */
const FLAGS = Object.entries({
  d: 'hasIndices',
  g: 'global',
  i: 'ignoreCase',
  m: 'multiline',
  s: 'dotAll',
  u: 'unicode',
  v: 'unicodeSets',
  y: 'sticky',
}).map(([flag, name]) => ({ flag, isSet: getterOf(RegExp.prototype, name) }));

/** Returns the source and the flags of a RegExp. */
function readRegExp(expression) {
  let flags = '';
  for (const { flag, isSet } of FLAGS) {
    if (isSet !== undefined && apply(isSet, expression, [])) flags += flag;
  }
  return { source: apply(sourceOf, expression, []), flags };
}

const UNBOXERS = [
  { is: isNumberObject, unbox: Number.prototype.valueOf },
  { is: isStringObject, unbox: String.prototype.valueOf },
  { is: isBooleanObject, unbox: Boolean.prototype.valueOf },
  { is: isBigIntObject, unbox: BigInt.prototype.valueOf },
];

/** Returns the primitive that an object wraps. */
function unbox(object) {
  const kind = UNBOXERS.find(({ is }) => is(object));
  return apply(kind.unbox, object, []);
}

const messageOfException = getterOf(DOMException.prototype, 'message');
const nameOfException = getterOf(DOMException.prototype, 'name');

/** Returns the message, the name and the stack of a DOMException. */
const readException = (exception) => ({
  message: apply(messageOfException, exception, []),
  name: apply(nameOfException, exception, []),
  stack: exception.stack,
});

/** Returns the descriptor of an own property that is not an accessor. */
function dataDescriptorOf(object, key) {
  const descriptor = getOwnPropertyDescriptor(object, key);
  return descriptor !== undefined && hasOwn(descriptor, 'value') ? descriptor : undefined;
}

/** Sets an own property as the constructor of an error does. */
function define(object, key, value) {
  defineProperty(object, key, {
    __proto__: null,
    value,
    writable: true,
    enumerable: false,
    configurable: true,
  });
}

const { Error: ErrorClass } = globalThis;
const CLASSES = ERRORS.map((name) => globalThis[name]);

/** Makes an object without the stack trace of this thread, which is expensive and would be replaced. */
function withoutStack(make) {
  const limit = dataDescriptorOf(ErrorClass, 'stackTraceLimit');
  if (limit?.writable !== true) return make();
  ErrorClass.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    ErrorClass.stackTraceLimit = limit.value;
  }
}

/** Makes an error of one of the classes of layout.js. */
function makeError(index) {
  const error = withoutStack(() => new CLASSES[index]());
  define(error, 'stack', undefined);
  return error;
}

function makeException(message, name, stack) {
  const exception = withoutStack(() => new DOMException(message, name));
  if (typeof stack === 'string') define(exception, 'stack', stack);
  return exception;
}

module.exports = {
  dataDescriptorOf,
  define,
  makeError,
  makeException,
  readException,
  readRegExp,
  unbox,
};
