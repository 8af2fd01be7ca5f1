// A lock between the processes of one machine: a file that contains its owner's process id.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const POLL_MILLISECONDS = 100;

function take(path) {
  try {
    // 'wx' fails if the file exists, so exactly one of several processes gets it.
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Returns the owner's process id: 0 if the lock has just been released, or taken and not written yet. */
function ownerOf(path) {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return 0;
  }
}

function isRunning(processId) {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}

function pause() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MILLISECONDS);
}

/**
 * Runs `action` while no other process holds the lock `path`. A lock whose owner was killed is
 * taken over. `onWait(owner)` is called once if another process holds the lock.
 */
export function withLock(path, action, onWait) {
  mkdirSync(dirname(path), { recursive: true });
  let announced = false;
  while (!take(path)) {
    const owner = ownerOf(path);
    if (owner !== 0 && !isRunning(owner)) {
      rmSync(path, { force: true });
      continue;
    }
    if (owner !== 0 && !announced) {
      announced = true;
      onWait(owner);
    }
    pause();
  }
  try {
    action();
  } finally {
    rmSync(path, { force: true });
  }
}
