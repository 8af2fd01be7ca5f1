'use strict';

// The permissions of the program to read, if its runtime restricts them: Node by its permission model, or Deno.
// A source asks `fs`, and fails with the error of `fs`.

const { realpathSync, statSync } = require('node:fs');
const { resolve } = require('node:path');
const native = require('../addon/native.js');
const { CLOSED, Failure, open } = require('../addon/runtime.js');

const { Deno } = globalThis;

/** The permissions without which Deno also refuses the files in `/proc`, `/dev` and `/sys`: it requires all of them. */
const DENO_PERMISSIONS = ['read', 'write', 'net', 'env', 'sys', 'run', 'ffi', 'import'];
const SPECIAL_FOLDER = /^\/(?:proc|dev|sys)(?:\/|$)/;

/** Whether `permission.has()` without a path asks about all paths. In Node 20 it asks about the current folder. */
const isPermissionOfAllKnown = Number.parseInt(process.versions.node, 10) >= 22;

/** Reports whether the runtime may refuse to read a path. */
function isReadingRestricted() {
  if (process.permission !== undefined) {
    return !isPermissionOfAllKnown || !process.permission.has('fs.read');
  }
  if (Deno === undefined) return false;
  return !DENO_PERMISSIONS.every((name) => {
    const { state, partial } = Deno.permissions.querySync({ name });
    return state === 'granted' && !partial;
  });
}

function isRefusal({ code, name }) {
  return code === 'ERR_ACCESS_DENIED' || name === 'NotCapable';
}

/** Returns the refusal that `call` throws, or nothing. Other errors of `call` are left to the later read. */
function refusalBy(call, path) {
  try {
    call(path);
  } catch (error) {
    if (isRefusal(error)) return error;
  }
  return undefined;
}

/** Returns the error with which `fs` refuses to read a path, or nothing. */
function refusalOf(path) {
  return (
    refusalBy(statSync, path) ??
    // Deno checks the target of a link into one of these folders when it opens the link.
    (Deno === undefined ? undefined : refusalBy(statTarget, path))
  );
}

function statTarget(path) {
  const target = realpathSync.native(path);
  if (SPECIAL_FOLDER.test(target)) statSync(target);
}

/** The answering side for the questions of walks, which read on threads of their own. */
class Permissions {
  /** The number that identifies this object in Rust. */
  #number = native.openPermissions(this);

  get number() {
    return this.#number;
  }

  wake() {
    for (const { number, path } of native.takePermissionQuestions(this.#number)) {
      native.answerPermissionQuestion(this.#number, number, describedRefusalOf(path));
    }
  }
}

function describedRefusalOf(path) {
  const refusal = refusalOf(path);
  if (refusal === undefined) return undefined;
  const { name, message, code, permission, resource } = refusal;
  return { name, message, code, permission, resource };
}

let permissions;

/** Returns the number of the permissions of this environment, for a walk. */
function permissionsNumber() {
  permissions ??= new Permissions();
  return permissions.number;
}

/** Returns the folder that relative paths start from. With it, Rust reads the same path that was checked. */
const currentFolder = () => resolve();

/** Returns a path that no other thread can change after the check. Bytes are copied: they may be in shared memory. */
function ownPath(path) {
  return typeof path === 'string' ? path : Buffer.from(path);
}

/** The port of a stream that was refused. */
class RefusedPort {
  #refusal;
  #capacity;
  #state = 'idle';
  kind;

  constructor(kind, refusal, capacity) {
    this.kind = kind;
    this.#refusal = refusal;
    this.#capacity = capacity;
  }

  drain() {
    if (this.#state !== 'idle') return CLOSED;
    this.#state = 'failed';
    return new Failure(this.#refusal);
  }

  cancel() {
    this.#state = 'cancelled';
  }

  stats() {
    return {
      pushed: 0,
      dropped: 0,
      skipped: 0,
      buffered: 0,
      bufferedBytes: 0,
      capacity: this.#capacity,
      wakes: 0,
      producerWaits: 0,
      state: this.#state,
    };
  }
}

/** Returns a stream that fails with the refusal. */
function refusedStream(kind, refusal, { capacity, timeSlice }) {
  return open(new RefusedPort(kind, refusal, capacity), timeSlice);
}

module.exports = {
  currentFolder,
  isReadingRestricted,
  ownPath,
  permissionsNumber,
  refusalOf,
  refusedStream,
};
