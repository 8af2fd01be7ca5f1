'use strict';

// Items that are no plain data: whatever else the structured clone algorithm can carry, as bytes.

const v8 = require('node:v8');
const { DataCloneError, ordinaryView } = require('./binary.js');
const { Inspection } = require('./readable.js');

const refuseSharedMemory = () => {
  throw new DataCloneError('#<SharedArrayBuffer> could not be cloned.');
};

class Serializer extends v8.DefaultSerializer {
  _writeHostObject(object) {
    return super._writeHostObject(ArrayBuffer.isView(object) ? ordinaryView(object) : object);
  }
}
Serializer.prototype._getSharedArrayBufferId = refuseSharedMemory;
Serializer.prototype._getDataCloneError = DataCloneError;

/** Deno's serializer asks nobody which error to throw. */
function translate(error) {
  const isRefusal = error?.constructor === Error && error.message.endsWith('could not be cloned.');
  return isRefusal ? new DataCloneError(error.message) : error;
}

function serializeWithClass(value) {
  try {
    const serializer = new Serializer();
    serializer.writeHeader();
    serializer.writeValue(value);
    return serializer.releaseBuffer();
  } catch (error) {
    throw translate(error);
  }
}

/** Bun has no classes for it, but functions that do the same. */
const write = process.versions.bun === undefined ? serializeWithClass : v8.serialize;

/** Throws for what deserialize() could not read, here or in a thread with less stack. */
function serialize(value) {
  const inspection = new Inspection();
  inspection.inspect(value);
  const bytes = write(value);
  if (inspection.hasCauses) expectReadable(bytes);
  return bytes;
}

function expectReadable(bytes) {
  try {
    v8.deserialize(bytes);
  } catch {
    throw new DataCloneError('An error that is among its own causes could not be cloned.');
  }
}

module.exports = { serialize, deserialize: v8.deserialize, refuseSharedMemory };
